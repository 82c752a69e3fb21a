// What an explanation says, in sentences; pure. The counterpart of sim.experiment.explain.sentences.

import { digitsOf } from "./words.js";

export const CAUSES = ["outside", "at_work", "for_manager", "for_team"];

/** Return the barriers that are there, the costliest first: [name, what was found]. */
export function barriersOf(answer) {
  const all = Object.entries(answer.definitions.attainable.barriers);
  return all.filter(([, one]) => one.there).sort((a, b) => b[1].share.value - a[1].share.value);
}

/** Return a difference between shares in points. */
export function points(value, words) {
  return value === null || value === undefined ? "–" : words.number(value * 100, 1);
}

/** Say what all barriers cost, and which may cost most. */
export function costSentence(answer, words) {
  const { now, then, gap } = answer.definitions.attainable;
  const found = barriersOf(answer);
  if (!found.length) return words.t("why.say_none");
  const ends = [gap.ci_low, gap.ci_high].map((end) => (end ?? 0) * 100);
  const [low, high] = ends.map((end) => words.number(end, digitsOf(...ends)));
  const places = { now: words.percent(now.mean), then: words.percent(then.mean), gap: points(gap.value, words), low, high };
  const whole = words.t(gap.ci_low === null ? "why.say_unknown" : gap.ci_low <= 0 && gap.ci_high >= 0 ? "why.say_unclear" : "why.say_gap", places);
  const first = found.filter(([, one]) => one.rank_best === 1).map(([name]) => words.t(`barrier.${name}`).toLowerCase());
  if (first.length === found.length && first.length > 1) return `${whole} ${words.t("why.say_any")}`;
  const names = new Intl.ListFormat(words.lang, { type: "disjunction" }).format(first);
  return `${whole} ${words.t(first.length === 1 ? "why.say_first" : "why.say_maybe", { names })}`;
}

/** Say which phase waits longest, and for whom. */
export function waitSentence(answer, words) {
  const waits = answer.ledger.flatMap((phase) => CAUSES.filter((cause) => cause !== "at_work").map((cause) => ({ phase, cause, weeks: phase.weeks[cause].mean ?? 0 })));
  const longest = waits.reduce((a, b) => (b.weeks > a.weeks ? b : a), { weeks: 0 });
  if (longest.weeks < 0.05) return words.t("why.say_no_wait");
  return words.t("why.say_wait", {
    phase: longest.phase.label[words.lang],
    took: words.number(longest.phase.took.mean, 1),
    weeks: words.number(longest.weeks, 1),
    cause: words.t(`cause.${longest.cause}`),
  });
}
