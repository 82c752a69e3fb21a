// Step 3: plans. Up to four, eight levers each, with the answer beside them while a lever moves.

import { h, put } from "../dom.js";
import { field, progress } from "../parts.js";
import { baseValue, planId, planValue, withChange, withNewPlan, withoutPlan, withPlan } from "../state.js";
import { shown, unitOf } from "../text.js";
import { sentencesOf } from "../words.js";
import { fanFigure } from "./base.js";
import { textBox } from "./organisation.js";

export function plans(page) {
  const { t } = page.words;
  const place = h("div", { class: "results", id: "preview" });
  const status = h("div", {});
  const state = page.state();
  const at = Math.min(page.view().plan ?? 0, state.plans.length - 1);
  const node = h("div", {},
    h("p", { class: "lead" }, t("plans.lead")),
    chooser(page, at),
    at < 0
      ? h("p", { class: "empty" }, t("plans.none"))
      : h("div", { class: "workbench" }, h("div", {}, levers(page, at)), h("div", {}, status, place)),
    at < 0 ? [status, place] : null,
  );
  const update = (job) => {
    put(status, progress(job, page.words));
    if (!job.answer || job.answer === update.shown) return;
    update.shown = job.answer;
    const id = at < 0 ? "base" : planId(at);
    if (job.answer.plans[id]) put(place, result(page, job.answer, id));
  };
  return { node, update };
}

function chooser(page, at) {
  const { t } = page.words;
  const state = page.state();
  const add = (copied) => {
    const name = t("plans.name", { letter: freeLetter(state) });
    page.look({ plan: state.plans.length });
    page.change((now) => withNewPlan(now, name, copied), "", true);
  };
  const full = state.plans.length >= page.model.most_plans;
  return h("div", { class: "chooser", role: "group", "aria-label": t("plans.choose") },
    state.plans.map((plan, k) => h("button", {
      type: "button",
      class: `plan hue-${page.hue(planId(k))}`,
      "aria-pressed": k === at ? "true" : "false",
      id: `choose-${k}`,
      onclick: () => page.look({ plan: k }, true),
    }, plan.name)),
    h("button", { type: "button", id: "add-plan", disabled: full, onclick: () => add(null) }, t("plans.add")),
    at >= 0 && !full ? h("button", { type: "button", id: "copy-plan", onclick: () => add(at) }, t("plans.copy", { plan: state.plans[at].name })) : null,
  );
}

function freeLetter(state) {
  const taken = state.plans.map((plan) => plan.name.at(-1));
  return ["A", "B", "C", "D"].find((letter) => !taken.includes(letter)) ?? String(state.plans.length + 1);
}

function levers(page, at) {
  const { words, model } = page;
  const { t } = words;
  const state = page.state();
  const plan = state.plans[at];
  const groups = Object.entries(model.levers).map(([lever, names]) => {
    const fields = names.map((name) => leverField(page, at, name));
    return names.length > 1
      ? h("fieldset", { class: "lever pair" }, h("legend", {}, t(`lever.${lever}`)), fields)
      : h("div", { class: "card lever" }, fields);
  });
  return [
    textBox("plan-name", t("plans.rename"), t("plans.rename_hint"), plan.name, 60,
      (name) => name.trim() && page.change((now) => withPlan(now, at, { name }), `name.${at}`)),
    h("div", { class: "levers" }, groups),
    h("p", { class: "buttons" },
      h("button", { type: "button", id: "reset-plan", onclick: () => page.change((now) => withPlan(now, at, { changes: {} }), "", true) }, t("plans.reset")),
      h("button", { type: "button", id: "remove-plan", onclick: () => {
        page.look({ plan: Math.max(0, at - 1) });
        page.change((now) => withoutPlan(now, at), "", true);
      } }, t("plans.remove", { plan: plan.name }))),
  ];
}

function leverField(page, at, name) {
  const { words, model } = page;
  const input = model.inputs[name];
  const state = page.state();
  const today = baseValue(state, model, name);
  const made = field({
    input,
    value: planValue(state, model, at, name),
    id: `plan-${name}`,
    words,
    problem: page.problem(`${planId(at)}.${name}`),
    onvalue: (value) => page.change((now) => withChange(now, model, at, name, value), `plan.${at}.${name}`),
  });
  made.querySelector(".hint").prepend(`${words.t("plans.today", { value: `${shown(today, input, words)} ${unitOf(input, words)}`.trim() })} `);
  return made;
}

function result(page, answer, id) {
  const said = id === "base" ? [] : sentencesOf(answer, id, page.words);
  return [said.length ? h("ul", { class: "say" }, said.map((one) => h("li", {}, one))) : null, fanFigure(page, answer, id, "adoption")];
}
