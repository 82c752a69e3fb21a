// What came out, in sentences; pure. How plans differ is said by sim.experiment.compare.sentences,
// which the server tells in both languages; here is what the page says of the base case alone.

/** Return the sentences for one plan against the base case; they do not name the plan. */
export function sentencesOf(answer, id, words) {
  return answer.compared.sentences[words.lang][id];
}

/** Return the sentences that stand for everything, for the live region. */
export function mainSentence(answer, names, words) {
  const ids = Object.keys(answer.plans).filter((id) => id !== "base");
  if (!ids.length) return baseSentence(answer, words);
  return ids.map((id) => `${names[id]}: ${sentencesOf(answer, id, words)[0]}`).join(" ");
}

/** Say what the base case gives. */
export function baseSentence(answer, words) {
  const { outcomes, chance: aim } = answer.plans.base;
  const live = outcomes.go_live_week;
  let week = live.q50 === null ? words.t("say.never_half") : words.t("say.median_live", { week: words.number(live.q50) });
  if (live.q90 === 0) week = words.t("say.live_before");
  return [
    outcomes.stopped.mean > 0 ? words.t("base.stopped", { share: words.percent(outcomes.stopped.mean) }) : "",
    words.t("say.base", { share: words.percent(outcomes.adoption.mean), weeks: answer.weeks }),
    week,
    words.t("say.base_chance", { target: answer.target.in_words[words.lang], chance: words.percent(aim.chance) }),
  ].filter(Boolean).join(" ");
}

/** Say how a difference stands to zero: "less", "more", "same" or "unclear". */
export function standing({ difference, ci_low: low, ci_high: high }) {
  if (difference === null || low === null || high === null) return "unclear";
  if (low === 0 && high === 0) return "same";
  if (low <= 0 && high >= 0) return "unclear";
  return difference > 0 ? "more" : "less";
}
