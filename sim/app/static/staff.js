// What a search for the cheapest plan says, in sentences; pure. The counterpart of
// sim.experiment.staff.sentences.

import { targetOf } from "./words.js";

const MOST_NAMED = 3;

/** Return what a plan changes of the base case, by input. */
export function changesOf(answer, plan) {
  return Object.fromEntries(Object.entries(plan.levels).filter(([name, level]) => level !== answer.levers[name].own));
}

/** Return a plan in words; `level` writes the level of an input. */
export function planInWords(answer, plan, level, words) {
  const changes = Object.entries(changesOf(answer, plan));
  if (!changes.length) return words.t("staff.as_it_is");
  return changes.map(([name, value]) => level(name, value)).join(", ");
}

/** Return a chance or an amount with its interval. */
export function withEnds({ mean, low, high }, format, words) {
  return low === null ? format(mean) : words.t("staff.with_ends", { mean: format(mean), low: format(low), high: format(high) });
}

/** Say what was found: the answer, what is not told apart from it, and the base case. */
export function staffSentences(answer, level, words) {
  const said = [words.t(`staff.say_${answer.answer.replace(" ", "_")}${answer.budget === null ? "" : "_budget"}`, placesOf(answer, level, words))];
  if (answer.alike.length) said.push(alikeSentence(answer, level, words));
  if (!same(answer.own, answer.chosen)) said.push(words.t("staff.say_own", { chance: chanceOf(answer.own, words), cost: costOf(answer, answer.own, words) }));
  return said;
}

/** Say whether two plans are the same. */
export function same(one, other) {
  return Object.entries(one.levels).every(([name, level]) => other.levels[name] === level);
}

function placesOf(answer, level, words) {
  const [outcome, sign, value] = answer.target.split(/(>=|<=)/);
  return {
    target: targetOf({ target: { outcome, sign, level: Number(value) } }, words),
    by: answer.by,
    confidence: words.percent(answer.confidence),
    budget: words.money(answer.budget, answer.currency),
    plan: planInWords(answer, answer.chosen, level, words),
    chance: chanceOf(answer.chosen, words),
    cost: costOf(answer, answer.chosen, words),
  };
}

function alikeSentence(answer, level, words) {
  const named = answer.alike.slice(0, MOST_NAMED).map((one) => planInWords(answer, one, level, words)).join("; ");
  const what = words.t(answer.answer === "none" ? "staff.alike_chance" : "staff.alike_answer");
  const more = answer.alike.length - MOST_NAMED;
  return words.t(more > 0 ? "staff.say_alike_more" : "staff.say_alike_all", { what, plans: named, more: Math.max(0, more) });
}

/** Return a plan's chance of reaching the target. */
export function chanceOf(plan, words) {
  return withEnds(plan.chance, (value) => words.percent(value), words);
}

/** Return what a plan costs until the week. */
export function costOf(answer, plan, words) {
  return withEnds(plan.cost, (value) => words.money(value, answer.currency), words);
}
