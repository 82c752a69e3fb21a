// The page: state and history, steps, and who redraws when.

import { read } from "./api.js";
import { h, put } from "./dom.js";
import { changed, redone, started, undone } from "./history.js";
import { runner } from "./runner.js";
import { decoded, initial, planId, restored, STEPS } from "./state.js";
import { translator } from "./text.js";
import { mainSentence } from "./words.js";
import { HUES } from "./charts/axes.js";
import { base } from "./views/base.js";
import { compare } from "./views/compare.js";
import { decide } from "./views/decide.js";
import { organisation } from "./views/organisation.js";
import { plans } from "./views/plans.js";
import { staff } from "./views/staff.js";
import { watch } from "./views/watch.js";
import { why } from "./views/why.js";

const VIEWS = { organisation, base, plans, compare, why, staff, watch, decide };
const LANGUAGES = { en: "English", nl: "Nederlands" };
const KEPT = "mih-app";
const byId = (id) => document.getElementById(id);

const [model, strings] = await Promise.all([
  read("/api/model"),
  Promise.all(Object.keys(LANGUAGES).map((lang) => read(`/static/strings/${lang}.json`))).then((found) => Object.fromEntries(Object.keys(LANGUAGES).map((lang, k) => [lang, found[k]]))),
]);

let history;
let view;
let words;
let job = { status: "waiting", answer: null };
let shown = null;

const page = {
  model,
  get words() { return words; },
  state: () => history.present,
  view: () => view,
  job: () => job,
  name: (id) => (id === "base" ? words.t("plans.base") : history.present.plans.find((_, k) => planId(k) === id)?.name ?? id),
  hue: (id) => HUES[id === "base" ? 0 : Number(id.slice(4))],
  problem: (name) => problemOf(name),
  say: (text) => say(text),
  /** Change the state; `redraw` also draws the step anew (a change of fields, not in a field). */
  change(make, tag = "", redraw = false) {
    history = changed(history, make(history.present), tag);
    keep();
    bar();
    if (redraw) draw();
    run(history.present);
  },
  /** Change what is looked at, which is not part of what can be undone. */
  look(fields, redraw = false) {
    const step = view.step;
    view = { ...view, ...fields };
    keep();
    if (redraw) draw(view.step !== step);
  },
};

const run = runner(model.preview, (news) => {
  if (news.status === "changed" && !job.answer) return; // still waiting for the first
  job = news.status === "failed" ? { ...job, ...news } : { ...job, error: null, ...news };
  shown?.update(job);
  if (job.status === "failed") say(job.error.problems?.join(" ") ?? words.t("status.lost"));
  if (job.status === "failed" && job.error.status === 422) mark();
  if (job.status === "done") say(mainSentence(job.answer, names(), words));
});

function names() {
  return Object.fromEntries(["base", ...history.present.plans.map((_, k) => planId(k))].map((id) => [id, page.name(id)]));
}

function say(text) {
  put(byId("live"), text);
}

/** Return what the server said is wrong with an input. */
function problemOf(name) {
  const said = (job.error?.problems ?? []).find((one) => one.startsWith(`${name}: `));
  return said ? words.t("wrong.refused", { reason: said.slice(name.length + 2) }) : "";
}

/** Put the server's messages beside the fields they are about. */
function mark() {
  for (const said of job.error.problems) {
    const [name] = said.split(": ");
    const id = name.startsWith("plan") ? `plan-${name.split(".").slice(1).join(".")}` : `base-${name.replaceAll(".", "-")}`;
    const box = byId(`${id}-problem`);
    if (box) put(box, problemOf(name));
  }
}

function keep() {
  const text = JSON.stringify({ state: history.present, view });
  try {
    sessionStorage.setItem(KEPT, text); // this tab, for a reload
    localStorage.setItem(KEPT, text); // the next tab
  } catch {
    // storage is off: the page works, a reload begins anew
  }
}

function found() {
  const linked = location.hash.startsWith("#s=") ? decoded(location.hash.slice(3)) : null;
  if (location.hash) window.history.replaceState(null, "", "/");
  if (linked) return linked;
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

function setLanguage(lang) {
  words = translator(lang, strings[lang], model);
  document.documentElement.lang = lang;
  document.title = words.t("page.title");
  put(byId("skip"), words.t("page.skip"));
}

function bar() {
  const { t } = words;
  const button = (id, off, work) => h("button", { type: "button", id, disabled: off, onclick: work }, t(`page.${id}`));
  const focused = document.activeElement?.id;
  const travel = (move) => () => { history = move(history); keep(); bar(); draw(); run(history.present); };
  const empty = JSON.stringify(history.present) === JSON.stringify(initial());
  put(byId("top"),
    h("div", { class: "brand" }, h("h1", {}, t("page.title")), h("p", { class: "label" }, h("strong", {}, words.standing(model.label)), " ", words.standing(model.label, ".long"))),
    h("div", { class: "tools", role: "group", "aria-label": t("page.tools") },
      button("undo", !history.past.length, travel(undone)),
      button("redo", !history.future.length, travel(redone)),
      button("reset", empty, travel((now) => changed(now, initial()))),
      h("div", { class: "languages", role: "group", "aria-label": t("page.language") },
        Object.entries(LANGUAGES).map(([lang, name]) => h("button", {
          type: "button", id: `lang-${lang}`, lang, "aria-pressed": lang === words.lang ? "true" : "false",
          onclick: () => { view = { ...view, lang }; keep(); setLanguage(lang); bar(); draw(); },
        }, name)))));
  if (focused && byId("top").contains(byId(focused))) byId(focused).focus();
}

function steps() {
  const { t } = words;
  const nav = byId("steps");
  nav.setAttribute("aria-label", t("page.steps"));
  put(nav, h("ol", {}, STEPS.map((step) => h("li", {}, h("button", {
    type: "button", id: `step-${step}`, "aria-current": step === view.step ? "step" : null,
    onclick: () => page.look({ step }, true),
  }, t(`step.${step}`))))));
}

/** Draw the step anew; the focus stays where it was, or goes to the heading of a new step. */
function draw(moved = false) {
  const { t } = words;
  const focused = document.activeElement?.id;
  shown?.leave?.();
  steps();
  shown = VIEWS[view.step](page);
  const at = STEPS.indexOf(view.step);
  const go = (step, key) => (step ? h("button", { type: "button", id: key, class: key === "next" ? "primary" : "", onclick: () => page.look({ step }, true) }, t(`page.${key}`, { step: t(`step.${step}`) })) : null);
  put(byId("main"), h("h2", { id: "heading", tabindex: "-1" }, t(`step.${view.step}`)), shown.node,
    h("p", { class: "buttons onward" }, go(STEPS[at - 1], "back"), go(STEPS[at + 1], "next")));
  put(byId("foot"), h("p", {}, t("page.foot", { version: model.version })), glossary());
  shown.update(job);
  if (moved) byId("heading").focus();
  else if (focused) byId(focused)?.focus();
}

function glossary() {
  const { t } = words;
  const terms = ["adoption", "reach", "key_user", "role_clarity", "strain", "run", "interval", "median"];
  return h("details", { class: "fold" }, h("summary", {}, t("glossary.title")),
    h("dl", {}, terms.map((term) => [h("dt", {}, t(`glossary.${term}`)), h("dd", {}, t(`glossary.${term}.meaning`))])));
}

function begin(kept) {
  const preferred = navigator.language.startsWith("nl") ? "nl" : "en";
  const lang = Object.hasOwn(LANGUAGES, kept?.view?.lang) ? kept.view.lang : preferred;
  const step = STEPS.includes(kept?.view?.step) ? kept.view.step : "organisation";
  history = started(restored(kept?.state, model));
  view = { step, lang, plan: 0 };
  setLanguage(lang);
  keep();
  bar();
  draw();
  run(history.present, true);
}

window.addEventListener("hashchange", () => { if (location.hash.startsWith("#s=")) begin(found()); });
begin(found());
