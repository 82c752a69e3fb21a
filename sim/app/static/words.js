// What came out, in sentences; pure. The counterpart of sim.experiment.compare.sentences, for two
// languages: an interval that holds 0 means that plans cannot be told apart.

/** Return the sentences for one plan against the base case; they do not name the plan. */
export function sentencesOf(answer, id, words) {
  const found = answer.compared.outcomes;
  return [
    gap("half", found.weeks_to_half_adoption[id], 1, words),
    gap("adoption", found.adoption[id], 100, words),
    chance(answer, id, words),
    gap("cost", found.cost[id], 0, words, (value) => words.money(value, answer.currency)),
  ];
}

/** Return the sentences that stand for everything, for the live region. */
export function mainSentence(answer, names, words) {
  const ids = Object.keys(answer.plans).filter((id) => id !== "base");
  if (!ids.length) return baseSentence(answer, words);
  return ids.map((id) => `${names[id]}: ${chance(answer, id, words)}`).join(" ");
}

/** Say what the base case gives. */
export function baseSentence(answer, words) {
  const { outcomes, chance: aim } = answer.plans.base;
  const live = outcomes.go_live_week;
  let week = live.q50 === null ? words.t("say.never_half") : words.t("say.median_live", { week: words.number(live.q50) });
  if (live.q90 === 0) week = words.t("say.live_before");
  return [
    outcomes.stopped.mean > 0 ? words.t("base.stopped", { share: words.percent(outcomes.stopped.mean) }) : "",
    words.t("say.base", { share: words.percent(outcomes.adoption.mean), weeks: answer.weeks }),
    week,
    words.t("say.base_chance", { target: targetOf(answer, words), chance: words.percent(aim.chance) }),
  ].filter(Boolean).join(" ");
}

/** Return the target in words. */
export function targetOf(answer, words) {
  const { outcome, sign, level } = answer.target;
  const value = outcome === "go_live_week" ? words.number(level) : words.percent(level);
  return words.t(sign === ">=" ? "say.target_least" : "say.target_most", {
    outcome: words.outcome(outcome).toLowerCase(),
    level: value,
  });
}

/** Say how a difference stands to zero: "less", "more", "same" or "unclear". */
export function standing({ difference, ci_low: low, ci_high: high }) {
  if (difference === null || low === null || high === null) return "unclear";
  if (low === 0 && high === 0) return "same";
  if (low <= 0 && high >= 0) return "unclear";
  return difference > 0 ? "more" : "less";
}

/** Return the decimals that show on which side of 0 the ends of an interval lie, at least 1. */
export function digitsOf(...ends) {
  const hidden = (digits) => ends.some((end) => end && Math.abs(end) < 0.5 * 10 ** -digits);
  let digits = 1;
  while (digits < 3 && hidden(digits)) digits += 1;
  return digits;
}

function gap(key, entry, scale, words, money = null) {
  const { difference, ci_low: low, ci_high: high } = entry;
  const how = standing(entry);
  if (difference === null || low === null) return words.t(`say.${key}.unknown`);
  if (how === "same") return words.t(`say.${key}.same`);
  const digits = digitsOf(low * scale, high * scale);
  const format = money ?? ((value) => words.number(value * scale, digits));
  const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${format(Math.abs(value))}`;
  if (how === "unclear") return words.t(`say.${key}.unclear`, { low: signed(low), high: signed(high) });
  const ends = [Math.abs(low), Math.abs(high)].sort((a, b) => a - b);
  return words.t(`say.${key}.${how}`, { size: format(Math.abs(difference)), low: format(ends[0]), high: format(ends[1]) });
}

function chance(answer, id, words) {
  const entry = answer.compared.target[id];
  const [low, high] = [entry.change_low ?? 0, entry.change_high ?? 0].map((end) => end * 100);
  const digits = digitsOf(low, high) === 1 ? 0 : digitsOf(low, high);
  const how = standing({ difference: entry.change, ci_low: entry.change_low, ci_high: entry.change_high });
  return words.t(`say.chance.${how}`, {
    target: targetOf(answer, words),
    before: words.percent(answer.plans.base.chance.chance),
    after: words.percent(answer.plans[id].chance.chance),
    low: words.signed(low, digits),
    high: words.signed(high, digits),
  });
}
