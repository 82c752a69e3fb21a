// Bars of several parts, each with the number of its part where there is room: no colour alone.

import { s } from "../dom.js";
import { picture, scale } from "./axes.js";

const ROW = 48;

/** Return the chart. Rows: {label, text, parts: [numbers], mark}; `hues`: of the parts. */
export function stacked({ rows, hues, name }, width) {
  const sum = (parts) => parts.reduce((a, b) => a + b, 0);
  const most = Math.max(...rows.map((row) => Math.max(sum(row.parts), row.mark)), 1e-9);
  const x = scale(0, most, 2, width - 4);
  return picture(width, rows.length * ROW + 4, name, rows.map((row, k) => one(row, k * ROW, x, hues, width)));
}

function one(row, top, x, hues, width) {
  let at = 0;
  const blocks = row.parts.map((part, k) => {
    const [left, right] = [x(at), x(at + part)];
    at += part;
    return part <= 0 ? null : s("g", { class: `hue-${hues[k]}` },
      s("rect", { class: "bar part", x: left, y: top + 22, width: Math.max(1, right - left), height: 18 }),
      right - left < 14 ? null : s("text", { class: "part-number", x: (left + right) / 2, y: top + 35, "text-anchor": "middle" }, k + 1));
  });
  return s("g", {},
    s("text", { class: "row-label", x: 2, y: top + 16 }, row.label),
    s("text", { class: "row-value", x: width - 4, y: top + 16, "text-anchor": "end" }, row.text),
    blocks,
    s("line", { class: "reference", x1: x(row.mark), x2: x(row.mark), y1: top + 18, y2: top + 44 }));
}
