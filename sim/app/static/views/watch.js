// Step 6: one run played through time, and one person followed.

import { ask } from "../api.js";
import { counts, mark, network, patientsAt, STATES, statesAt } from "../charts/network.js";
import { h, put, s } from "../dom.js";
import { table } from "../parts.js";
import { planId, question } from "../state.js";
import { dateOf } from "../text.js";
import { story } from "./story.js";
import { select } from "./organisation.js";

const SPEEDS = { slow: 400, usual: 150, fast: 50 };

export function watch(page) {
  const { t } = page.words;
  const stage = h("div", {});
  const seen = { plan: 0, replicate: typical(page), post: 0, week: 0, ...page.view().watched };
  const state = page.state();
  if (seen.plan > state.plans.length) seen.plan = 0;
  const again = (fields) => {
    page.look({ watched: { ...page.view().watched, ...seen, ...fields, week: 0 } });
    Object.assign(seen, fields, { week: 0 });
    name(page, seen);
    load(page, seen, stage);
  };
  const node = h("div", {},
    h("p", { class: "lead" }, t("watch.lead")),
    h("div", { class: "card row" },
      select("watch-plan", t("watch.plan"), "", String(seen.plan),
        [["0", page.name("base")], ...state.plans.map((plan, k) => [String(k + 1), plan.name])],
        (plan) => again({ plan: Number(plan) })),
      select("watch-run", t("watch.run"), t("watch.run_hint"), String(seen.replicate),
        runNames(page, seen.plan),
        (replicate) => again({ replicate: Number(replicate) }))),
    stage,
  );
  load(page, seen, stage);
  let named = Boolean(page.job().answer);
  const update = (job) => {
    if (named || !job.answer) return;
    named = true; // how runs end is known now
    name(page, seen);
  };
  return { node, update, leave: () => stage.dispatchEvent(new Event("leave")) };
}

/** Write how each run ends into the list of runs. */
function name(page, seen) {
  const list = document.getElementById("watch-run");
  put(list, runNames(page, seen.plan).map(([value, text]) => h("option", { value }, text)));
  list.value = String(seen.replicate);
}

/** Return the runs to choose from, each with how it ends. */
function runNames(page, plan) {
  const { t, number, percent } = page.words;
  const runs = page.job().answer?.plans[plan ? planId(plan - 1) : "base"]?.runs ?? [];
  return Array.from({ length: 20 }, (_, k) => {
    const one = runs[k];
    if (!one) return [String(k), t("watch.run_name", { number: number(k + 1) })];
    const places = { number: number(k + 1), live: one.live, stop: one.stop, share: percent(one.adoption ?? 0) };
    const fate = one.stop !== null ? "stopped" : one.live !== null ? "live" : "open";
    return [String(k), t(`watch.run_${fate}`, places)];
  });
}

/** Return the run whose adoption lies in the middle of those that are used, or of all if none is. */
function typical(page) {
  const all = (page.job().answer?.plans.base.runs ?? []).map((one, k) => [one.adoption ?? 0, k]);
  const used = all.filter(([adoption]) => adoption > 0); // where a project stops there is little to watch
  const runs = used.length ? used : all;
  return runs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])[Math.floor(runs.length / 2)]?.[1] ?? 0;
}

async function load(page, seen, stage) {
  stage.dispatchEvent(new Event("leave"));
  put(stage, h("p", { class: "progress preview" }, page.words.t("watch.loading")));
  const asked = { question: question(page.state(), 1), plan: seen.plan, replicate: seen.replicate };
  const ticket = (stage.ticket = Symbol("latest"));
  try {
    const run = await ask("play", asked);
    if (stage.ticket === ticket) put(stage, player(page, run, asked, seen, stage));
  } catch (error) {
    if (stage.ticket === ticket) put(stage, h("p", { class: "progress failed" }, error.problems?.join(" ") ?? page.words.t("status.lost")));
  }
}

function player(page, run, asked, seen, stage) {
  const { words } = page;
  const { t } = words;
  const follow = h("div", { class: "card", id: "follow" });
  const legend = h("div", { class: "legend" });
  const said = h("p", { class: "say", id: "watch-week" });
  const room = Math.max(260, Math.min(560, stage.clientWidth - 34));
  const choose = (post) => {
    seen.post = post;
    show(seen.week);
    story(page, run, asked, seen, follow, choose);
  };
  const { svg, show: draw } = network(run, room, t("watch.network", { clinicians: run.teams.length }), choose);
  const slider = h("input", {
    type: "range", id: "week", min: 0, max: run.weeks, step: 1, value: seen.week,
    oninput: (event) => { clock.stop(); show(Number(event.target.value)); },
  });
  const show = (week) => {
    seen.week = week;
    slider.value = week;
    const states = statesAt(run, week);
    const text = sayWeek(run, week, states, words, dateOf(week, page.state().date, words.lang));
    slider.setAttribute("aria-valuetext", text);
    put(said, text);
    draw(states, seen.post);
    put(legend, legendOf(counts(states), run.teams.length, words));
    page.look({ watched: { ...seen } });
  };
  const button = h("button", { type: "button", id: "play", class: "primary", onclick: () => clock.toggle() }, t("watch.play"));
  const clock = ticking(run.weeks, seen, show, (on) => put(button, t(on ? "watch.pause" : "watch.play")));
  stage.addEventListener("leave", clock.stop, { once: true });
  show(Math.min(seen.week, run.weeks));
  choose(Math.min(seen.post, Math.max(0, run.teams.length - 1)));
  const speed = select("speed", t("watch.speed"), "", "usual", Object.keys(SPEEDS).map((key) => [key, t(`watch.speed_${key}`)]), (key) => { clock.pace = SPEEDS[key]; });
  return [
    h("div", { class: "controls" }, button, h("div", { class: "field wide" }, h("label", { for: "week" }, t("watch.week")), slider), speed),
    said,
    h("div", { class: "workbench" }, h("figure", {}, svg, legend, h("p", { class: "note" }, t("watch.note"))), follow),
  ];
}

function ticking(weeks, seen, show, told) {
  let timer = 0;
  const clock = {
    pace: SPEEDS.usual,
    stop: () => { clearTimeout(timer); timer = 0; told(false); },
    toggle: () => {
      if (timer) { clock.stop(); return; }
      if (seen.week >= weeks) show(0);
      told(true);
      tick();
    },
  };
  const tick = () => {
    timer = setTimeout(() => {
      show(seen.week + 1);
      if (seen.week >= weeks) clock.stop();
      else tick();
    }, clock.pace);
  };
  return clock;
}

/** Return the week in a sentence: users, active patients, the phase; pure. */
export function sayWeek(run, week, states, words, date = "") {
  const patients = patientsAt(run, week).reduce((sum, one) => sum + one, 0);
  return [
    words.t("watch.say", { week: date ? `${week} (${date})` : week, users: counts(states).user, clinicians: run.teams.length, patients }),
    phaseOf(run, week, words),
  ].join(" ");
}

function phaseOf(run, week, words) {
  const before = run.milestones.filter((one) => one.week <= week);
  const names = Object.values(run.phases);
  const happened = (event) => before.find((one) => one.event === event);
  if (happened("stopped")) return words.t("watch.stopped", { week: happened("stopped").week });
  const live = happened("went_live");
  const open = before.filter((one) => one.event === "phase_opened" && !before.some((other) => other.event === "phase_done" && other.detail === one.detail && other.week >= one.week));
  const text = open.length ? words.t("watch.phase", { phases: [...new Set(open.map((one) => names[one.detail]?.[words.lang]))].join(", ") }) : "";
  return [live ? words.t("watch.live", { week: live.week }) : "", text].join(" ").trim();
}

function legendOf(found, total, words) {
  const rows = STATES.map((state) => [
    h("span", { class: "key" }, s("svg", { width: 20, height: 20, viewBox: "-10 -10 20 20", "aria-hidden": "true" }, mark(state, 8)), words.t(`state.${state}`)),
    words.number(found[state]),
    total ? words.percent(found[state] / total) : "–",
  ]);
  return table(["state", "number", "share"].map((key) => words.t(`column.${key}`)), rows, words.t("watch.states"));
}
