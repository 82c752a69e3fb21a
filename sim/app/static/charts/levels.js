// A person's levels week by week, one small chart each.

import { s } from "../dom.js";
import { grid, line, picture, scale, weekTicks } from "./axes.js";

/** Return the chart of one level; `most` is the top of its axis, `week` a marked week. */
export function level({ values, most, marks, name, hue }, width, words) {
  const height = 130;
  const box = { left: 46, right: width - 16, top: 8, bottom: height - 28 };
  const x = scale(0, values.length, box.left, box.right);
  const y = scale(0, most, box.bottom, box.top);
  const frame = grid({
    ...box,
    x,
    y,
    xs: weekTicks(values.length, box.right - box.left),
    ys: [0, most / 2, most],
    xText: (week) => words.number(week),
    yText: (value) => words.percent(value),
    xTitle: "",
  });
  return picture(width, height, name, frame,
    marks.map((week) => s("line", { class: "event-mark", x1: x(week), x2: x(week), y1: box.top, y2: box.bottom })),
    s("g", { class: `hue-${hue}` }, s("path", { class: "median", d: line(values, x, y) })),
  );
}
