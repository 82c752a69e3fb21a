// Pieces that several steps share: figures with the table behind them, headings, fields of forms.

import { h, put } from "./dom.js";
import { problemOf } from "./state.js";
import { shown, typed, unitOf } from "./text.js";

const NARROWEST = 260;

/** Return a figure that draws itself as wide as its place, with the table behind it. */
export function figure({ title, draw, note, head, rows, words }) {
  const canvas = h("div", { class: "canvas" });
  let width = 0;
  const redraw = () => {
    const room = Math.max(NARROWEST, Math.floor(canvas.clientWidth));
    if (room !== width && canvas.isConnected) {
      width = room;
      put(canvas, draw(room));
    }
  };
  new ResizeObserver(redraw).observe(canvas);
  return h("figure", {},
    title ? h("figcaption", {}, title) : null,
    canvas,
    note ? h("p", { class: "note" }, note) : null,
    head ? behind(head, rows, title ?? "", words) : null,
  );
}

/** Return the table behind a chart, folded. */
export function behind(head, rows, caption, words) {
  return h("details", { class: "behind" },
    h("summary", {}, words.t("chart.as_table"), h("span", { class: "unseen" }, `: ${caption}`)),
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, table(head, rows, caption)),
  );
}

/** Return a table with a head row and head column. */
export function table(head, rows, caption) {
  return h("table", {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell)))),
    h("tbody", {}, rows.map(([first, ...rest]) =>
      h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell))))),
  );
}

/** Return the field of an input: label, value, unit, range, evidence, help, message. */
export function field({ input, value, id, words, onvalue, problem = "" }) {
  const hint = `${id}-hint`;
  const message = h("p", { class: "problem", id: `${id}-problem` }, problem);
  const attributes = { id, name: input.name, "aria-describedby": `${hint} ${id}-problem`, "aria-invalid": problem ? "true" : null };
  const control = input.kind === "choice"
    ? h("select", { ...attributes, value, onchange: (event) => onvalue(event.target.value) },
        input.choices.map((one) => h("option", { value: one }, words.t(`choice.${input.name}.${one}`))))
    : numberBox(attributes, input, value, message, words, onvalue);
  if (input.kind === "choice") control.value = value;
  return h("div", { class: "field" },
    h("div", { class: "field-head" }, h("label", { for: id }, words.label(input)), about(input, words)),
    h("div", { class: "entry" }, control, h("span", { class: "unit", "aria-hidden": "true" }, unitOf(input, words))),
    h("p", { class: "hint", id: hint }, hintOf(input, words)),
    message,
  );
}

function numberBox(attributes, input, value, message, words, onvalue) {
  const step = (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const now = typed(event.target.value, input);
    if (!way || Number.isNaN(now)) return;
    event.preventDefault();
    const next = Math.min(input.high, Math.max(input.low, now + way * stepOf(input)));
    event.target.value = shown(Number(next.toFixed(6)), input, words);
    check(event);
  };
  const check = (event) => {
    const found = typed(event.target.value, input);
    const wrong = problemOf(found, input);
    const text = wrong === null ? "" : words.t(`wrong.${wrong}`, ends(input, words));
    put(message, text);
    if (wrong === null) event.target.removeAttribute("aria-invalid");
    else event.target.setAttribute("aria-invalid", "true");
    if (wrong === null) onvalue(found);
  };
  return h("input", {
    ...attributes,
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    value: shown(value, input, words),
    oninput: check,
    onkeydown: step,
  });
}

/** Return by how much an arrow key moves an input. */
export function stepOf(input) {
  if (input.kind === "count") return 1;
  const [low, high] = input.plausible ?? [input.low, input.high];
  const rough = (high - low) / 20;
  return [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5].find((one) => one >= rough) ?? 10;
}

function ends(input, words) {
  return { low: shown(input.low, input, words), high: shown(input.high, input, words), unit: unitOf(input, words) };
}

function hintOf(input, words) {
  if (!input.plausible) return "";
  const [low, high] = input.plausible.map((one) => shown(one, input, words));
  return words.t("field.plausible", { low, high, unit: unitOf(input, words) });
}

/** Return the "i" beside a field: what it means, and what stands behind its usual value. */
export function about(input, words) {
  return h("details", { class: "about" },
    h("summary", {}, h("span", { "aria-hidden": "true" }, "i"), h("span", { class: "unseen" }, words.t("field.about", { name: words.label(input) }))),
    h("div", { class: "about-text" },
      h("p", {}, words.t(`help.${input.name}`)),
      h("p", {}, h("span", { class: `evidence ${input.source}` }, words.t(`evidence.${input.source}`)), " ",
        words.t("field.usual", { value: `${shown(input.default, input, words)} ${unitOf(input, words)}`.trim() })),
      input.source === "assumption" ? null : h("p", { lang: "en" }, input.reference),
    ),
  );
}

/** Return a notice of how far the numbers are: waiting, changed (they are of an earlier state), preview,
 * refining, done, failed. */
export function progress(job, words) {
  const runs = job.answer ? words.number(job.answer.replicates) : "";
  const text = job.status === "failed" ? job.error.problems?.join(" ") ?? words.t("status.lost") : words.t(`status.${job.status}`, { runs });
  return h("p", { class: `progress ${job.status}`, "data-status": job.status }, text);
}
