// Horizontal bars with their values written out: the patients' way, and costs.

import { s } from "../dom.js";
import { picture, scale } from "./axes.js";

const ROW = 42;

/** Return a chart of bars. Rows: {label, value, text, low, high, hue, mark}; `mark`: a reference. */
export function bars({ rows, most, name }, width) {
  const top = Math.max(most ?? 0, ...rows.map((row) => Math.max(row.value ?? 0, row.high ?? 0, row.mark ?? 0)), 1e-9);
  const x = scale(0, top, 2, width - 4);
  return picture(width, rows.length * ROW + 6, name, rows.map((row, k) => one(row, k * ROW, x, width)));
}

function one(row, top, x, width) {
  const y = top + 22;
  return s("g", { class: `hue-${row.hue}` },
    s("text", { class: "row-label", x: 2, y: top + 15 }, row.label),
    s("text", { class: "row-value", x: width - 4, y: top + 15, "text-anchor": "end" }, row.text),
    s("rect", { class: "track", x: 2, y, width: width - 6, height: 12, rx: 2 }),
    row.value === null ? null : s("rect", { class: "bar", x: 2, y, width: Math.max(1, x(row.value) - 2), height: 12, rx: 2 }),
    row.low === undefined || row.low === null ? null : s("g", { class: "whisker" },
      s("line", { x1: x(row.low), x2: x(row.high), y1: y + 6, y2: y + 6 }),
      s("line", { x1: x(row.low), x2: x(row.low), y1: y + 2, y2: y + 10 }),
      s("line", { x1: x(row.high), x2: x(row.high), y1: y + 2, y2: y + 10 }),
    ),
    row.mark === undefined || row.mark === null ? null
      : s("line", { class: "reference", x1: x(row.mark), x2: x(row.mark), y1: y - 3, y2: y + 15 }),
  );
}
