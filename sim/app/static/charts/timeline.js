// The phases on a time line: bars from median start to median end, lines for 10 to 90 % of runs.

import { s } from "../dom.js";
import { grid, picture, scale, weekTicks } from "./axes.js";

const ROW = 46;
const NARROW = 400; // pixels below which words stand under the label

/** Return the chart of one plan's phases; `base`: the base case's phases, or null. */
export function timeline({ phases, base, weeks, hue, name }, width, words) {
  const top = 8;
  const extra = width < NARROW ? 16 : 0;
  const bottom = top + phases.length * (ROW + extra);
  const box = { left: 12, right: width - 14, bottom };
  const x = scale(0, weeks, box.left, box.right);
  const frame = grid({
    ...box,
    x,
    y: () => 0,
    xs: weekTicks(weeks, box.right - box.left),
    ys: [],
    xText: (week) => words.number(week),
    yText: () => "",
    xTitle: words.t("chart.week"),
  });
  const rows = phases.map((phase, k) => row(phase, base?.[k] ?? null, top + k * (ROW + extra), extra, x, weeks, words));
  return picture(width, bottom + 44, name, frame, s("g", { class: `hue-${hue}` }, rows));
}

function row(phase, base, top, extra, x, weeks, words) {
  const middle = top + 30 + extra;
  const live = phase.phase === "go-live";
  const label = live ? words.t("chart.go_live") : phase.label[words.lang];
  return s("g", {},
    s("text", { class: "row-label", x: x(0), y: top + 14 }, label),
    s("text", { class: "row-value", x: x(extra ? 0 : weeks), y: top + 14 + extra, "text-anchor": extra ? "start" : "end" }, inWords(phase, words)),
    s("line", { class: "rule", x1: x(0), x2: x(weeks), y1: middle, y2: middle }),
    live ? diamond(phase, middle, x) : bar(phase, middle, x, weeks),
    whisker(phase, middle, x, weeks),
    base ? reference(base, middle, x) : null,
  );
}

function bar(phase, y, x, weeks) {
  const [, start] = phase.opened;
  if (start === null) return null;
  const end = phase.done[1] ?? weeks;
  const open = phase.done[1] === null ? " endless" : "";
  return s("rect", { class: `bar${open}`, x: x(start), y: y - 7, width: Math.max(2, x(end) - x(start)), height: 14, rx: 2 });
}

function diamond(phase, y, x) {
  const week = phase.done[1];
  if (week === null) return null;
  return s("path", { class: "diamond", d: `M${x(week)} ${y - 9}l9 9l-9 9l-9 -9z` });
}

function whisker(phase, y, x, weeks) {
  const low = phase.phase === "go-live" ? phase.done[0] : phase.opened[0];
  if (low === null) return null;
  const high = phase.done[2];
  const end = x(high ?? weeks);
  return s("g", { class: "whisker" },
    s("line", { x1: x(low), x2: end, y1: y, y2: y }),
    s("line", { x1: x(low), x2: x(low), y1: y - 4, y2: y + 4 }),
    high === null
      ? s("path", { d: `M${end - 6} ${y - 4}l6 4l-6 4` })
      : s("line", { x1: end, x2: end, y1: y - 4, y2: y + 4 }),
  );
}

function reference(base, y, x) {
  const week = base.done[1];
  if (week === null) return null;
  return s("line", { class: "reference", x1: x(week), x2: x(week), y1: y - 11, y2: y + 11 });
}

/** Return when a phase is over, in words: median week, range, and how many never. */
export function inWords(phase, words) {
  const [low, middle, high] = phase.done;
  const never = 1 - phase.done_share;
  if (low === null) return words.t("chart.mostly_never");
  const week = (value) => (value === null ? words.t("chart.never") : words.number(value));
  const text = words.t("chart.week_range", { middle: week(middle), low: week(low), high: week(high) });
  return never >= 0.005 ? `${text}, ${words.t("chart.share_never", { share: words.percent(never) })}` : text;
}

/** Return the rows of the table behind the chart. */
export function timelineRows(phases, words) {
  const week = (value) => (value === null ? words.t("chart.never") : words.number(value));
  return phases.map((phase) => [
    phase.phase === "go-live" ? words.t("chart.go_live") : phase.label[words.lang],
    ...[...phase.opened, ...phase.done].map(week),
    words.percent(phase.done_share),
  ]);
}
