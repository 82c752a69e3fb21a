// From the outcome as it is to what is attainable, a step for each barrier.

import { s } from "../dom.js";
import { picture, scale, ticks } from "./axes.js";

const ROW = 42;

/** Return what a picture of a share shows of the end of an interval. */
const inside = (end) => Math.min(1, Math.max(0, end));

/** Return where each step begins and ends, with its interval; pure. Steps: {value, low, high}. */
export function stepped(now, steps) {
  let at = now;
  return steps.map((step) => {
    const from = at;
    at += step.value;
    return { ...step, from, to: at, low: step.low === null ? null : from + step.low, high: step.high === null ? null : from + step.high };
  });
}

/** Return the chart. `now`, `then`: {label, value, text}; steps: {label, value, low, high, text}. */
export function waterfall({ now, then, steps, format, name }, width) {
  const walked = stepped(now.value, steps);
  const ends = [0, now.value, then.value, ...walked.flatMap((one) => [one.to, inside(one.low ?? one.to), inside(one.high ?? one.to)])];
  const x = scale(Math.min(...ends), Math.max(...ends, 1e-9), 20, width - 20);
  const bottom = (walked.length + 2) * ROW + 6;
  const marks = ticks(Math.min(...ends), Math.max(...ends), width / 110);
  return picture(width, bottom + 24, name,
    s("g", { class: "axes" },
      marks.map((value) => s("line", { class: "rule", x1: x(value), x2: x(value), y1: 4, y2: bottom })),
      marks.map((value) => s("text", { x: x(value), y: bottom + 17, "text-anchor": "middle" }, format(value)))),
    whole(now, 0, x, width),
    walked.map((one, k) => step(one, (k + 1) * ROW, x, width)),
    whole(then, (walked.length + 1) * ROW, x, width),
  );
}

function whole(one, top, x, width) {
  return s("g", { class: "hue-grey" }, words(one, top, width), block(0, one.value, top, x));
}

function step(one, top, x, width) {
  const y = top + 29;
  return s("g", { class: one.value < 0 ? "hue-vermilion" : "hue-blue" },
    words(one, top, width), block(one.from, one.to, top, x),
    one.low === null ? null : s("g", { class: "whisker" },
      s("line", { x1: x(inside(one.low)), x2: x(inside(one.high)), y1: y, y2: y }),
      [one.low, one.high].filter((end) => end === inside(end)).map((end) => s("line", { x1: x(end), x2: x(end), y1: y - 4, y2: y + 4 }))),
  );
}

function words(one, top, width) {
  return [
    s("text", { class: "row-label", x: 2, y: top + 16 }, one.label),
    s("text", { class: "row-value", x: width - 4, y: top + 16, "text-anchor": "end" }, one.text),
  ];
}

function block(from, to, top, x) {
  const [left, right] = [x(from), x(to)].sort((a, b) => a - b);
  return s("rect", { class: "bar", x: left, y: top + 23, width: Math.max(1, right - left), height: 12, rx: 1 });
}
