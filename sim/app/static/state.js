// What the planner has said, as plain data; every function here is pure.

import { calendarWeek } from "./text.js";

export const STEPS = ["organisation", "base", "plans", "compare", "why", "staff", "watch", "decide"];
export const NOTES = ["question", "hypothesis", "finding", "decision"];
export const TARGETS = ["adoption", "sustained_adoption", "reach", "go_live_week"];
export const RUNS = [100, 200, 400];
/** What a plan has to do beside the target, as it is typed: ends, and how often its unit is in 1. */
export const AIMS = {
  by: { low: 1, high: 1040, scale: 1, whole: true, empty: false },
  confidence: { low: 1, high: 99, scale: 100, whole: false, empty: false },
  budget: { low: 1, high: 1e9, scale: 1, whole: false, empty: true },
};
const LONGEST_NOTE = 4000;
const MOST_OBSERVED = 120;

/** Return the state of a page nobody has touched. */
export function initial() {
  return {
    start: "baseline",
    title: "",
    own: true,
    values: {},
    plans: [],
    seed: 1,
    replicates: 100,
    outcome: "adoption",
    level: 0.5,
    by: 104,
    confidence: 0.8,
    budget: null,
    date: "",
    observed: [],
    notes: { question: "", hypothesis: "", finding: "", decision: "" },
  };
}

/** Return an input's value in the base case. */
export function baseValue(state, model, name) {
  return state.values[name] ?? model.examples[state.start].values[name];
}

/** Return an input's value in a plan. */
export function planValue(state, model, plan, name) {
  return state.plans[plan].changes[name] ?? baseValue(state, model, name);
}

/** Return whether an input says something in this state: a new project has nobody trained. */
export function applies(state, model, name) {
  return name === "at_start" || !name.endsWith("_at_start") || baseValue(state, model, "at_start") === "live";
}

/** Set the start date, and the calendar week that it falls in. */
export function withDate(state, model, date) {
  const week = calendarWeek(date);
  return week === null ? { ...state, date } : withValue({ ...state, date }, model, "calendar_week", week);
}

/** Set an input of the base case; what equals the example, or says nothing any more, is not kept. */
export function withValue(state, model, name, value) {
  const values = { ...state.values, [name]: value };
  for (const one of Object.keys(values)) if (!applies({ ...state, values }, model, one)) delete values[one];
  if (value === model.examples[state.start].values[name]) delete values[name];
  return { ...state, values };
}

/** Set an input of a plan; what equals the base case is not kept. */
export function withChange(state, model, plan, name, value) {
  const changes = { ...state.plans[plan].changes, [name]: value };
  if (value === baseValue(state, model, name)) delete changes[name];
  return withPlan(state, plan, { changes });
}

/** Return the state with other fields in one plan. */
export function withPlan(state, plan, fields) {
  const plans = state.plans.map((one, k) => (k === plan ? { ...one, ...fields } : one));
  return { ...state, plans };
}

/** Return the state with one more plan, a copy of another if asked for. */
export function withNewPlan(state, name, copied = null) {
  const changes = copied === null ? {} : { ...state.plans[copied].changes };
  return { ...state, plans: [...state.plans, { name, changes }] };
}

/** Return the state without a plan. */
export function withoutPlan(state, plan) {
  return { ...state, plans: state.plans.filter((_, k) => k !== plan) };
}

/** Return what the server is asked; names of plans do not matter to numbers. */
export function question(state, replicates = state.replicates) {
  const { start, own, values, seed } = state;
  return {
    organisation: { start, own, values },
    plans: state.plans.map(({ changes }) => ({ name: "-", changes })),
    seed,
    replicates,
    target: `${state.outcome}${state.outcome === "go_live_week" ? "<=" : ">="}${state.level}`,
  };
}

/** Return what the server is asked where names matter: files. */
export function namedQuestion(state) {
  const asked = question(state);
  asked.organisation.title = state.title;
  asked.plans = state.plans;
  return asked;
}

/** Return the id of a plan in answers. */
export function planId(plan) {
  return `plan${plan + 1}`;
}

/** Return a state from anything: a link, a stored text. What is not understood is left out. */
export function restored(raw, model) {
  const state = initial();
  if (typeof raw !== "object" || raw === null) return state;
  if (Object.hasOwn(model.examples, raw.start)) state.start = raw.start;
  state.title = text(raw.title, 80);
  state.own = raw.own !== false;
  state.values = sound(raw.values, Object.keys(model.inputs), model);
  const levers = Object.values(model.levers).flat();
  if (Array.isArray(raw.plans)) {
    state.plans = raw.plans.slice(0, model.most_plans).map((plan, k) => ({
      name: text(plan?.name, 60) || String.fromCharCode(65 + k),
      changes: sound(plan?.changes, levers, model),
    }));
  }
  if (Number.isSafeInteger(raw.seed) && raw.seed >= 0) state.seed = raw.seed;
  if (RUNS.includes(raw.replicates)) state.replicates = raw.replicates;
  if (TARGETS.includes(raw.outcome) && Number.isFinite(raw.level)) {
    const top = raw.outcome === "go_live_week" ? 1040 : 1;
    state.outcome = raw.outcome;
    state.level = Math.min(Math.max(raw.level, 0), top);
  }
  for (const [name, { low, high, scale, whole }] of Object.entries(AIMS)) {
    const typed = raw[name] * scale;
    const good = typeof raw[name] === "number" && typed >= low && typed <= high;
    if (good && (!whole || Number.isInteger(typed))) state[name] = raw[name];
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(raw.date)) state.date = raw.date;
  if (Array.isArray(raw.observed)) state.observed = raw.observed.filter(isObserved).slice(0, MOST_OBSERVED);
  for (const name of NOTES) state.notes[name] = text(raw.notes?.[name], LONGEST_NOTE);
  return state;
}

function isObserved(pair) {
  return Array.isArray(pair) && pair.length === 2 && Number.isInteger(pair[0]) && pair[0] >= 1 && pair[0] <= 1040
    && Number.isFinite(pair[1]) && pair[1] >= 0 && pair[1] <= 1;
}

/** Return the own figures typed as lines "week; per cent", or the number of the first wrong line. */
export function observedOf(typed) {
  const found = [];
  const lines = typed.split("\n");
  for (const [k, line] of lines.entries()) {
    if (!line.trim()) continue;
    const parts = line.trim().replace(/\s*%$/, "").split(/\s*[;\t]\s*/);
    const pair = parts.length === 2 ? [Number(parts[0]), Number(parts[1].replace(",", ".")) / 100] : [];
    if (!isObserved(pair) || found.length === MOST_OBSERVED) return { wrong: k + 1 };
    found.push(pair);
  }
  return { found };
}

function text(raw, longest) {
  return typeof raw === "string" ? raw.slice(0, longest) : "";
}

function sound(raw, allowed, model) {
  const found = {};
  if (typeof raw !== "object" || raw === null) return found;
  for (const name of allowed) {
    if (Object.hasOwn(raw, name) && problemOf(raw[name], model.inputs[name]) === null) {
      found[name] = raw[name];
    }
  }
  return found;
}

/** Return what is wrong with a value: null, "number", "whole", "range" or "choice". */
export function problemOf(value, input) {
  if (input.kind === "choice") return input.choices.includes(value) ? null : "choice";
  if (typeof value !== "number" || !Number.isFinite(value)) return "number";
  if (input.kind === "count" && !Number.isInteger(value)) return "whole";
  return value < input.low || value > input.high ? "range" : null;
}

/** Return a text for a link that holds everything. */
export function encoded(state, view) {
  const bytes = new TextEncoder().encode(JSON.stringify({ state, view }));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Return what a link's text holds, or null if it is torn. */
export function decoded(code) {
  try {
    const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (one) => one.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
