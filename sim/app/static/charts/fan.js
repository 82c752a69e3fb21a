// A fan over weeks: median, mean, the middle 50 % and 80 % of runs; the base case as a dotted line.

import { s } from "../dom.js";
import { band, grid, line, picture, scale, weekTicks } from "./axes.js";

/** Return the chart of one plan's weekly series. `base`: the base case's series, or null. */
export function fan({ series, base, weeks, hue, name, own = [] }, width, words) {
  const height = Math.round(Math.min(300, Math.max(200, width * 0.55)));
  const box = { left: 46, right: width - 16, top: 14, bottom: height - 44 };
  const x = scale(0, weeks, box.left, box.right);
  const y = scale(0, 1, box.bottom, box.top);
  const frame = grid({
    ...box,
    x,
    y,
    xs: weekTicks(weeks, box.right - box.left),
    ys: [0, 0.25, 0.5, 0.75, 1],
    xText: (week) => words.number(week),
    yText: (value) => words.percent(value),
    xTitle: words.t("chart.week"),
  });
  return picture(
    width,
    height,
    name,
    frame,
    s("g", { class: `hue-${hue}` },
      s("path", { class: "band outer", d: band(series.q10, series.q90, x, y) }),
      s("path", { class: "band inner", d: band(series.q25, series.q75, x, y) }),
      s("path", { class: "mean", d: line(series.mean, x, y) }),
      s("path", { class: "median", d: line(series.q50, x, y) }),
    ),
    base ? s("path", { class: "reference", d: line(base.q50, x, y) }) : null,
    own.map(([week, share]) => s("path", { class: "own", d: cross(x(week), y(share)) })),
  );
}

function cross(x, y) {
  return `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`;
}

/** Return the rows of the table behind a fan: every 13th week and the last. */
export function fanRows(series, weeks, words) {
  const shown = [];
  for (let week = 13; week < weeks; week += 13) shown.push(week);
  if (weeks > 0) shown.push(weeks);
  const cell = (value) => (value === null ? "–" : words.percent(value));
  return shown.map((week) => [
    words.number(week),
    ...["q10", "q25", "q50", "q75", "q90", "mean"].map((key) => cell(series[key][week - 1] ?? null)),
  ]);
}

/** Say whether own figures lie inside, above or below the middle 80 % of runs. */
export function placed(own, series) {
  return own
    .filter(([week]) => week >= 1 && week <= series.q10.length)
    .map(([week, share]) => {
      const low = series.q10[week - 1];
      const high = series.q90[week - 1];
      const where = low === null ? "unknown" : share < low ? "below" : share > high ? "above" : "inside";
      return { week, share, where };
    });
}
