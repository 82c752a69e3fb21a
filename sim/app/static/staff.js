// What a search for the cheapest plan found, for its tables; pure. Its sentences are those of
// sim.experiment.staff.sentences, which the server tells in both languages.

/** Return what a plan changes of the base case, by input. */
export function changesOf(answer, plan) {
  return Object.fromEntries(Object.entries(plan.levels).filter(([name, level]) => level !== answer.levers[name].own));
}

/** Return a chance or an amount with its interval; a line may only break before the interval. */
export function withEnds({ mean, low, high }, format, words) {
  if (low === null) return format(mean);
  return words.t("staff.with_ends", { mean: format(mean), low: format(low), high: format(high) }).replace(/ (?!\()/g, "\u00a0");
}

/** Say whether two plans are the same. */
export function same(one, other) {
  return Object.entries(one.levels).every(([name, level]) => other.levels[name] === level);
}

/** Return the finalists, the cheapest first, each with its words. */
export function finalistsOf(answer, lang) {
  return answer.finalists.map((plan, k) => ({ plan, text: answer.in_words[lang][k] }));
}

/** Return the finalists that likely no other beats in both cost and uptake. */
export function undominated(answer, lang) {
  return finalistsOf(answer, lang).filter(({ plan }) => plan.pareto_membership >= answer.likely);
}

/** Return a plan's chance of reaching the target. */
export function chanceOf(plan, words) {
  return withEnds(plan.chance, (value) => words.percent(value), words);
}

/** Return what a plan costs until the week. */
export function costOf(answer, plan, words) {
  return withEnds(plan.cost, (value) => words.money(value, answer.currency), words);
}

/** Return a paired difference from the plan named, with its interval; "–" for the plan itself. */
export function gapOf(gap, format, words) {
  if (gap === null || gap.difference === null) return "–";
  const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${format(Math.abs(value))}`;
  return withEnds({ mean: gap.difference, low: gap.ci_low, high: gap.ci_high }, signed, words);
}
