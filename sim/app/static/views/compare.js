// Step 4: plans side by side, and how they differ from the base case.

import { bars } from "../charts/bars.js";
import { forest } from "../charts/forest.js";
import { h, put } from "../dom.js";
import { behind, figure, progress } from "../parts.js";
import { sentencesOf, standing } from "../words.js";
import { fanFigure, patientsFigure, timelineFigure } from "./base.js";
import { target } from "./target.js";

const DIFFERENCES = ["adoption", "reach", "weeks_to_half_adoption", "go_live_week", "strain.clinician", "cost"];

export function compare(page) {
  const { t } = page.words;
  const place = h("div", { class: "results" });
  const status = h("div", {});
  const node = h("div", {}, h("p", { class: "lead" }, t("compare.lead")), target(page), status, place);
  const update = (job) => {
    put(status, progress(job, page.words));
    if (!job.answer || job.answer === update.shown) return;
    update.shown = job.answer;
    put(place, job.answer.compared ? results(page, job.answer) : empty(page));
  };
  return { node, update };
}

function empty(page) {
  return h("p", { class: "empty" }, page.words.t("compare.empty"), " ",
    h("button", { type: "button", onclick: () => page.look({ step: "plans" }, true) }, page.words.t("compare.to_plans")));
}

function results(page, answer) {
  const { words } = page;
  const { t } = words;
  const ids = Object.keys(answer.plans);
  const others = ids.slice(1);
  const part = (key, content, kind = "grid plans") => h("section", {}, h("h3", {}, t(`compare.${key}`)), h("div", { class: kind }, content));
  return [
    part("words", others.map((id) => h("div", { class: `card hue-${page.hue(id)} spine` },
      h("h4", {}, page.name(id)),
      h("ul", { class: "say" }, sentencesOf(answer, id, words).map((one) => h("li", {}, one)))))),
    h("p", { class: "note" }, t("compare.interval_note", { runs: words.number(answer.replicates), weeks: answer.weeks })),
    part("differences", DIFFERENCES.map((name) => forestFigure(page, answer, name, others))),
    part("uptake", ids.map((id) => fanFigure(page, answer, id, "adoption"))),
    part("reach", ids.map((id) => fanFigure(page, answer, id, "reach"))),
    part("phases", ids.map((id) => timelineFigure(page, answer, id))),
    part("patients", ids.map((id) => patientsFigure(page, answer, id))),
    part("costs", costFigure(page, answer, ids), "grid"),
    part("all", allOutcomes(page, answer, ids), ""),
    h("p", { class: "note" }, t("chart.note_never", { runs: words.number(answer.replicates), seed: answer.seed, label: words.standing(answer.label) })),
  ];
}

function formats(page, answer, name) {
  const { words } = page;
  const one = answer.plans.base.outcomes[name];
  if (one.unit.startsWith("share")) return { axis: (x) => words.signed(x * 100, Math.abs(x) < 0.02 && x ? 1 : 0), value: (x) => words.t("say.points", { points: words.signed(x * 100, 1) }) };
  if (one.unit === answer.currency) return { axis: (x) => words.money(x, answer.currency), value: (x) => words.money(x, answer.currency) };
  return { axis: (x) => words.signed(x, Math.abs(x) < 2 && x % 1 ? 1 : 0), value: (x) => words.t("say.weeks", { weeks: words.signed(x, 1) }) };
}

function forestFigure(page, answer, name, others) {
  const { words } = page;
  const { axis, value } = formats(page, answer, name);
  const entries = answer.compared.outcomes[name];
  const rows = others.map((id) => ({ label: page.name(id), hue: page.hue(id), difference: entries[id].difference, low: entries[id].ci_low, high: entries[id].ci_high }));
  const text = (row) => {
    if (row.difference === null) return "–";
    const how = standing({ difference: row.difference, ci_low: row.low, ci_high: row.high });
    return how === "unclear" || how === "same" ? words.t(`chart.${how}`) : value(row.difference);
  };
  const title = words.outcome(name);
  const cells = rows.map((row) => [row.label, ...[row.difference, row.low, row.high].map((x) => (x === null ? "–" : value(x)))]);
  return figure({
    title,
    words,
    draw: (width) => forest({ rows, format: axis, text, words, name: `${title}. ${cells.map((cell) => `${cell[0]}: ${cell[1]} (${cell[2]}, ${cell[3]})`).join("; ")}` }, width),
    head: ["plan", "difference", "low", "high"].map((key) => words.t(`column.${key}`)),
    rows: cells,
  });
}

function costFigure(page, answer, ids) {
  const { words } = page;
  const money = (x) => (x === null || x === undefined ? "–" : words.money(x, answer.currency));
  return ["cost", "cost_per_patient_reached"].map((name) => {
    const found = ids.map((id) => [id, answer.plans[id].outcomes[name]]);
    const title = words.outcome(name);
    return figure({
      title,
      words,
      note: words.t("chart.cost_note"),
      draw: (width) => bars({
        rows: found.map(([id, one]) => ({ label: page.name(id), value: one.mean, text: money(one.mean), low: one.ci_low, high: one.ci_high, hue: page.hue(id) })),
        name: `${title}. ${found.map(([id, one]) => `${page.name(id)}: ${money(one.mean)}`).join(", ")}`,
      }, width),
      head: ["plan", "mean", "low", "high"].map((key) => words.t(`column.${key}`)),
      rows: found.map(([id, one]) => [page.name(id), money(one.mean), money(one.ci_low), money(one.ci_high)]),
    });
  });
}

function allOutcomes(page, answer, ids) {
  const { words } = page;
  const cell = (one) => {
    if (one.mean === null) return "–";
    if (one.unit.startsWith("share")) return words.percent(one.mean, 1);
    return one.unit.startsWith(answer.currency) ? words.money(one.mean, answer.currency) : words.number(one.mean, 1);
  };
  const names = Object.keys(answer.plans.base.outcomes);
  const rows = names.map((name) => [words.outcome(name), ...ids.map((id) => cell(answer.plans[id].outcomes[name]))]);
  const caption = words.t("compare.all");
  return behind([words.t("column.outcome"), ...ids.map((id) => page.name(id))], rows, caption, words);
}
