// Scales and axes of all charts; pure functions to SVG elements.

import { s } from "../dom.js";

/** Colours of the base case and the plans (Okabe and Ito's, told apart with any colour vision). */
export const HUES = ["grey", "blue", "vermilion", "green", "purple"];

/** Return a function from values to pixels. */
export function scale(low, high, from, to) {
  const step = high === low ? 0 : (to - from) / (high - low);
  return (value) => from + (value - low) * step;
}

/** Return round numbers from 0 or low to high, about `count` of them. */
export function ticks(low, high, count = 5) {
  const rough = (high - low) / Math.max(1, count) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-6; k += 1) found.push(k * step || 0); // no -0
  return found;
}

/** Return ticks of weeks: quarters or years. */
export function weekTicks(weeks, width) {
  const step = [13, 26, 52, 104, 208, 520].find((one) => weeks / one <= Math.max(3, width / 70)) ?? 520;
  const found = [];
  for (let week = 0; week <= weeks; week += step) found.push(week);
  return found;
}

/** Return the frame of a chart over weeks and shares. */
export function grid({ left, right, bottom, x, y, xs, ys, xText, yText, xTitle }) {
  return s(
    "g",
    { class: "axes" },
    ys.map((value) => s("line", { class: "rule", x1: left, x2: right, y1: y(value), y2: y(value) })),
    ys.map((value) => s("text", { x: left - 7, y: y(value) + 4, "text-anchor": "end" }, yText(value))),
    xs.map((value) => s("line", { class: "tick", x1: x(value), x2: x(value), y1: bottom, y2: bottom + 5 })),
    xs.map((value) => s("text", { x: x(value), y: bottom + 19, "text-anchor": "middle" }, xText(value))),
    s("line", { class: "base", x1: left, x2: right, y1: bottom, y2: bottom }),
    xTitle ? s("text", { class: "title", x: right, y: bottom + 36, "text-anchor": "end" }, xTitle) : null,
  );
}

/** Return the path of a line; a missing value is a gap. */
export function line(values, x, y) {
  let path = "";
  let open = false;
  values.forEach((value, k) => {
    if (value === null) open = false;
    else {
      path += `${open ? "L" : "M"}${x(k + 1).toFixed(1)} ${y(value).toFixed(1)}`;
      open = true;
    }
  });
  return path;
}

/** Return the path of a band between two lines, as far as both are known. */
export function band(low, high, x, y) {
  const weeks = low.map((_, k) => k).filter((k) => low[k] !== null && high[k] !== null);
  if (!weeks.length) return "";
  const there = weeks.map((k) => `${x(k + 1).toFixed(1)} ${y(high[k]).toFixed(1)}`);
  const back = weeks.toReversed().map((k) => `${x(k + 1).toFixed(1)} ${y(low[k]).toFixed(1)}`);
  return `M${there.join("L")}L${back.join("L")}Z`;
}

/** Return an SVG picture with a name for those who do not see it. */
export function picture(width, height, name, ...children) {
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return s("svg", { ...size, role: "img", "aria-label": name, class: "chart" }, children);
}
