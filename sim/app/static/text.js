// Words and numbers in the reader's language; pure but for the language they are made for.

const NOTHING = "–"; // nobody to count

/** Return a translator: words by key with {places}, and numbers as the language writes them. */
export function translator(lang, strings, model) {
  const t = (key, places = {}) => {
    const found = strings[key] ?? key;
    return found.replace(/\{(\w+)\}/g, (whole, name) => (name in places ? String(places[name]) : whole));
  };
  const number = (value, digits = 0) =>
    value === null || value === undefined ? NOTHING : new Intl.NumberFormat(lang, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(
      // no "-0"
      Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value,
    );
  const money = (value, currency = "EUR") =>
    value === null || value === undefined ? NOTHING : new Intl.NumberFormat(lang, { style: "currency", currency, maximumSignificantDigits: 3 }).format(value);
  return {
    lang,
    t,
    /** What has to be said beside every number; a label that has no words yet is said as it is. */
    standing: (label, long = "") => strings[`label.${label}${long}`] ?? (long ? "" : label),
    number,
    money,
    percent: (value, digits = 0) => (value === null || value === undefined ? NOTHING : `${number(value * 100, digits)} %`),
    signed: (value, digits = 0) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${number(Math.abs(value), digits)}`,
    label: (input) => input.label[lang],
    outcome: (name) => model.outcomes[name]?.[lang] ?? name,
    unit: (unit) => t(`unit.${unit}`),
  };
}

/** Say whether a unit is shown in per cent. */
export function isShare(unit) {
  return unit.startsWith("share") || unit === "per year";
}

/** Return the text of an input's value, without unit. */
export function shown(value, input, words) {
  if (input.kind === "choice") return words.t(`choice.${input.name}.${value}`);
  const scaled = isShare(input.unit) ? value * 100 : value;
  return new Intl.NumberFormat(words.lang, { maximumFractionDigits: 2, useGrouping: false }).format(scaled);
}

/** Return the number typed for an input, NaN if it is none; a comma may stand for a point. */
export function typed(text, input) {
  const plain = text.trim().replace(/\s*%$/, "").replace(",", ".");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain)) return NaN;
  const value = Number(plain);
  return isShare(input.unit) ? Number((value / 100).toFixed(6)) : value;
}

/** Return the unit of an input as it is shown behind its value. */
export function unitOf(input, words) {
  if (input.kind === "choice") return "";
  return isShare(input.unit) ? `% ${words.unit(input.unit)}`.trim() : words.unit(input.unit);
}

/** Return the week (1 to 52) of the year that a date falls in, as ISO 8601 counts; null for no date. */
export function calendarWeek(date) {
  const day = new Date(`${date}T12:00:00Z`);
  if (Number.isNaN(day.getTime())) return null;
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7)); // the Thursday decides the year
  const days = (day - Date.UTC(day.getUTCFullYear(), 0, 1, 12)) / 86400000;
  return Math.min(Math.floor(days / 7) + 1, 52);
}

/** Return a calendar date for a week, or an empty text without a start date. */
export function dateOf(week, start, lang) {
  if (!start) return "";
  const day = new Date(`${start}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 7 * Math.round(week));
  return new Intl.DateTimeFormat(lang, { month: "short", year: "numeric", timeZone: "UTC" }).format(day);
}
