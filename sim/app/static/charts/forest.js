// Differences from the base case with their intervals, one outcome a chart, one plan a row.

import { s } from "../dom.js";
import { picture, scale, ticks } from "./axes.js";

const ROW = 40;

/** Return the chart of one outcome. Rows: {label, hue, difference, low, high}. */
export function forest({ rows, format, text, name, words }, width) {
  const ends = rows.flatMap((row) => [row.difference ?? 0, row.low ?? 0, row.high ?? 0]);
  const reach = Math.max(...ends.map(Math.abs), 1e-9) * 1.08;
  const x = scale(-reach, reach, 10, width - 10);
  const bottom = rows.length * ROW + 4;
  const marks = ticks(-reach, reach, 4);
  return picture(width, bottom + 42, name,
    s("g", { class: "axes" },
      marks.map((value) => s("line", { class: "rule", x1: x(value), x2: x(value), y1: 4, y2: bottom })),
      marks.map((value) => s("text", { x: x(value), y: bottom + 17, "text-anchor": "middle" }, format(value))),
      s("line", { class: "zero", x1: x(0), x2: x(0), y1: 4, y2: bottom }),
      s("text", { class: "title", x: 10, y: bottom + 36 }, `← ${words.t("chart.less")}`),
      s("text", { class: "title", x: width - 10, y: bottom + 36, "text-anchor": "end" }, `${words.t("chart.more")} →`),
    ),
    rows.map((row, k) => one(row, k * ROW, x, text)),
  );
}

function one(row, top, x, text) {
  const y = top + 29;
  return s("g", { class: `hue-${row.hue}` },
    s("text", { class: "row-label", x: 10, y: top + 16 }, row.label),
    s("text", { class: "row-value", x: x(0) * 2 - 10, y: top + 16, "text-anchor": "end" }, text(row)),
    row.low === null ? null : s("line", { class: "interval", x1: x(row.low), x2: x(row.high), y1: y, y2: y }),
    row.difference === null ? null : s("circle", { class: "dot", cx: x(row.difference), cy: y, r: 5 }),
  );
}
