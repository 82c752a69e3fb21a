// Step 2: the base case, what happens with no new decision.

import { bars } from "../charts/bars.js";
import { fan, fanRows } from "../charts/fan.js";
import { timeline, timelineRows } from "../charts/timeline.js";
import { h, put } from "../dom.js";
import { figure, progress } from "../parts.js";
import { baseSentence } from "../words.js";
import { dateOf } from "../text.js";
import { observed, observedSentence } from "./observed.js";
import { target } from "./target.js";

export function base(page) {
  const place = h("div", { class: "results" });
  const status = h("div", {});
  const node = h("div", {}, h("p", { class: "lead" }, page.words.t("base.lead")), target(page), observed(page, () => update.shown && put(place, results(page, update.shown))), status, place);
  const update = (job) => {
    put(status, progress(job, page.words));
    if (job.answer && job.answer !== update.shown) {
      update.shown = job.answer;
      put(place, results(page, job.answer));
    }
  };
  return { node, update };
}

function results(page, answer) {
  const { words } = page;
  const { t } = words;
  return [
    h("p", { class: "say" }, baseSentence(answer, words)),
    observedSentence(page, answer),
    tiles(page, answer),
    h("div", { class: "grid" },
      fanFigure(page, answer, "base", "adoption"),
      fanFigure(page, answer, "base", "reach"),
      timelineFigure(page, answer, "base"),
      patientsFigure(page, answer, "base"),
    ),
    h("p", { class: "note" }, t("chart.note_never", { runs: words.number(answer.replicates), seed: answer.seed, label: words.standing(answer.label) })),
  ];
}

function tiles(page, answer) {
  const { words } = page;
  const { outcomes, chance } = answer.plans.base;
  const live = outcomes.go_live_week.q50;
  const when = live === null ? words.t("chart.mostly_never") : words.t("tile.week", { week: words.number(live) });
  const tile = (label, value, detail) => h("div", { class: "tile" }, h("dt", {}, label), h("dd", {}, value), h("dd", { class: "detail" }, detail));
  const range = (one, format) => words.t("tile.interval", { low: format(one.ci_low), high: format(one.ci_high) });
  return h("dl", { class: "tiles" },
    tile(words.outcome("adoption"), words.percent(outcomes.adoption.mean), range(outcomes.adoption, words.percent)),
    tile(words.outcome("reach"), words.percent(outcomes.reach.mean), range(outcomes.reach, words.percent)),
    tile(words.outcome("go_live_week"), when, dateOf(live ?? 0, live === null ? "" : page.state().date, words.lang) || words.t("tile.median")),
    tile(words.t("tile.chance", { target: answer.target.in_words[words.lang] }), words.percent(chance.chance), range(chance, words.percent)),
    tile(words.outcome("cost"), words.money(outcomes.cost.mean, answer.currency), range(outcomes.cost, (x) => words.money(x, answer.currency))),
  );
}

export function fanFigure(page, answer, id, name) {
  const { words } = page;
  const plan = answer.plans[id];
  const title = `${page.name(id)}: ${words.t(`chart.${name}`)}`;
  const last = plan.outcomes[name];
  return figure({
    title,
    words,
    note: [words.t(id === "base" ? "chart.fan_note" : "chart.fan_note_plan"), plan.fans[name].q50.at(-1) === 0 ? words.t("chart.median_zero") : ""].join(" ").trim(),
    draw: (width) => fan({
      series: plan.fans[name],
      base: id === "base" ? null : answer.plans.base.fans[name],
      weeks: answer.weeks,
      hue: page.hue(id),
      own: name === "adoption" ? page.state().observed : [],
      name: words.t("chart.fan_name", { title, share: words.percent(last.mean), low: words.percent(last.q10 ?? 0), high: words.percent(last.q90 ?? 0), weeks: answer.weeks }),
    }, width, words),
    head: ["week", "q10", "q25", "q50", "q75", "q90", "mean"].map((key) => words.t(`column.${key}`)),
    rows: fanRows(plan.fans[name], answer.weeks, words),
  });
}

export function timelineFigure(page, answer, id) {
  const { words } = page;
  const { phases } = answer.plans[id];
  const title = `${page.name(id)}: ${words.t("chart.phases")}`;
  return figure({
    title,
    words,
    note: words.t(id === "base" ? "chart.phases_note" : "chart.phases_note_plan"),
    draw: (width) => timeline({
      phases,
      base: id === "base" ? null : answer.plans.base.phases,
      weeks: answer.weeks,
      hue: page.hue(id),
      name: `${title}. ${timelineRows(phases.slice(-1), words)[0].slice(4, 7).join(", ")}`,
    }, width, words),
    head: ["phase", "opened_10", "opened_50", "opened_90", "done_10", "done_50", "done_90", "done_share"].map((key) => words.t(`column.${key}`)),
    rows: timelineRows(phases, words),
  });
}

export function patientsFigure(page, answer, id) {
  const { words } = page;
  const { patients } = answer.plans[id];
  const reference = id === "base" ? null : answer.plans.base.patients;
  const keys = ["in_care", "started", "completed", "still_active", "dropped"];
  const title = `${page.name(id)}: ${words.t("chart.patients")}`;
  const text = (key) => `${words.number(patients[key])} (${words.percent(patients[key] / Math.max(1, patients.in_care))})`;
  return figure({
    title,
    words,
    note: words.t("chart.patients_note", { weeks: answer.weeks }),
    draw: (width) => bars({
      rows: keys.map((key) => ({ label: words.t(`patients.${key}`), value: patients[key], text: text(key), hue: page.hue(id), mark: reference?.[key] })),
      name: `${title}. ${keys.map((key) => `${words.t(`patients.${key}`)}: ${text(key)}`).join(", ")}`,
    }, width),
    head: [words.t("column.patients"), words.t("column.number"), words.t("column.share")],
    rows: keys.map((key) => [words.t(`patients.${key}`), words.number(patients[key]), words.percent(patients[key] / Math.max(1, patients.in_care))]),
  });
}
