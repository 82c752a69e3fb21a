// Step 6: the cheapest plan that reaches a target by a week, with a confidence, within a budget.

import { h, put } from "../dom.js";
import { answerInParts } from "../parted.js";
import { table } from "../parts.js";
import { changesOf, chanceOf, costOf, finalistsOf, gapOf, same, undominated, withEnds } from "../staff.js";
import { question, withNewPlan, withPlan } from "../state.js";
import { shown, unitOf } from "../text.js";
import { aimField } from "./aim.js";
import { target } from "./target.js";

const RUNS = 200; // fresh runs of each finalist

const answers = new Map(); // of this visit; after a reload the server still has them

export function staff(page) {
  const { t } = page.words;
  const place = h("div", { class: "results" });
  const job = { controller: new AbortController(), key: null };
  const show = () => {
    const key = JSON.stringify(asked(page));
    if (key === job.key) return;
    job.key = key;
    job.controller.abort();
    put(place, answers.has(key) ? results(page, answers.get(key)) : null);
  };
  const start = async () => {
    job.controller.abort();
    job.controller = new AbortController();
    job.key = JSON.stringify(asked(page));
    await find(page, asked(page), place, job.controller.signal);
  };
  const node = h("div", {},
    h("p", { class: "lead" }, t("staff.lead")),
    target(page),
    h("div", { class: "target" }, ["by", "confidence", "budget"].map((name) => aimField(page, name, show))),
    h("p", { class: "buttons" }, h("button", { type: "button", id: "find-staff", class: "primary", onclick: start }, t("staff.find"))),
    h("p", { class: "note" }, t("staff.searched", { runs: RUNS })),
    place);
  show();
  return { node, update: show, leave: () => job.controller.abort() };
}

/** Return what the server is asked: about the base case, whatever the plans are. */
function asked(page) {
  const { by, confidence, budget } = page.state();
  return { question: { ...question(page.state(), RUNS), plans: [] }, by, confidence, budget };
}

/** Ask, and keep the answer for this visit. */
function find(page, what, place, signal) {
  const { t } = page.words;
  return answerInParts(page, "staff", what, place, signal, {
    waiting: t("staff.waiting"),
    progress: t("staff.progress"),
    far: (parts) => t("staff.done", parts),
    keep: (answer) => answers.set(JSON.stringify(what), answer),
    shown: (answer) => results(page, answer),
    said: (answer) => answer.sentences[page.words.lang][0],
  });
}

function results(page, answer) {
  const { words } = page;
  const { t } = words;
  const caption = t("staff.finalists");
  const head = [...["plan", "chance", "cost"].map((key) => t(`staff.column_${key}`)), words.outcome(answer.target.split(/>=|<=/)[0])];
  const rows = finalistsOf(answer, words.lang).map(({ plan, text }) => [
    marked(page, answer, plan, text), chanceOf(plan, words), costOf(answer, plan, words), uptakeOf(answer, plan.uptake.mean, words),
  ]);
  return h("div", { "data-staff": "done" },
    answer.sentences[words.lang].map((one) => h("p", { class: "say" }, one)),
    takeOver(page, answer),
    h("h3", {}, caption),
    h("div", { class: "scroll whole", tabindex: "0", role: "group", "aria-label": caption }, table(head, rows, caption)),
    h("p", { class: "note" }, t("staff.note")),
    pareto(page, answer),
    h("p", { class: "note" }, t("staff.levels", { levels: levelsOf(page, answer) })),
    h("p", { class: "note" }, t("staff.numbers", { plans: words.number(answer.plans), runs: words.number(answer.runs), finalists: answer.finalists.length, fresh: words.number(answer.replicates), seed: answer.seed, label: words.standing(answer.label) })));
}

/** Return a plan's words, with a mark if it is the one named or cannot be told apart from it. */
function marked(page, answer, plan, text) {
  const { t } = page.words;
  if (same(plan, answer.chosen)) return `${t("staff.named")} ${text}`;
  return answer.alike.some((other) => same(plan, other)) ? `${t("staff.like")} ${text}` : text;
}

/** Return the table of the plans that no other beats in cost and uptake, and how they differ. */
function pareto(page, answer) {
  const { words } = page;
  const { t } = words;
  const caption = t("staff.pareto");
  const outcome = words.outcome(answer.target.split(/>=|<=/)[0]);
  const head = [t("staff.column_plan"), t("staff.column_share"), t("staff.column_mean_cost"), `${outcome} ${t("staff.interval")}`, t("staff.column_dearer"), t("staff.column_likelier")];
  const rows = undominated(answer, words.lang).map(({ plan, text }) => [
    marked(page, answer, plan, text), words.percent(plan.pareto_membership), words.money(plan.cost.mean, answer.currency),
    withEnds(plan.uptake, (value) => uptakeOf(answer, value, words), words),
    gapOf(plan.cost_difference, (value) => words.money(value, answer.currency), words),
    gapOf(plan.chance_difference, (value) => words.number(value * 100), words),
  ]);
  return [
    h("h3", {}, caption),
    h("div", { class: "scroll whole", id: "pareto", tabindex: "0", role: "group", "aria-label": caption }, table(head, rows, caption)),
    h("p", { class: "note" }, t("staff.pareto_note", { likely: words.percent(answer.likely) })),
  ];
}

function uptakeOf(answer, value, words) {
  return answer.target.startsWith("go_live_week") ? words.number(value, 1) : words.percent(value);
}

function levelsOf(page, answer) {
  const { words, model } = page;
  return Object.entries(answer.levers).map(([name, one]) => {
    const input = model.inputs[name];
    return `${words.label(input)}: ${one.levels.map((level) => shown(level, input, words)).join(" / ")} ${unitOf(input, words)}`.trim();
  }).join("; ");
}

/** Return the button that puts the plan named among the plans; nothing if it is the base case. */
function takeOver(page, answer) {
  const { t } = page.words;
  const changes = changesOf(answer, answer.chosen);
  if (!Object.keys(changes).length) return null;
  if (page.state().plans.length >= page.model.most_plans) return h("p", { class: "note" }, t("staff.full"));
  return h("p", { class: "buttons" }, h("button", { type: "button", id: "make-plan", onclick: () => {
    const at = page.state().plans.length;
    page.look({ plan: at });
    page.change((now) => withPlan(withNewPlan(now, t("staff.plan_name")), at, { changes }));
    page.look({ step: "plans" }, true);
  } }, t("staff.make_plan")));
}
