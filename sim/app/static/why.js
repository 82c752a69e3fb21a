// What an explanation found, for its charts and tables; pure. What barriers cost is said by
// sim.experiment.explain.sentences, which the server tells in both languages; the longest wait here.

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
