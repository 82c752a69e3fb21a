// What came out, in sentences; pure. The counterpart of sim.experiment.compare.sentences, for two
// languages: an interval that holds 0 means that plans cannot be told apart.

/** Return the sentences for one plan against the base case. */
export function sentencesOf(answer, id, name, words) {
  const found = answer.compared.outcomes;
  return [
    halfway(found.weeks_to_half_adoption[id], name, words),
    gap("adoption", found.adoption[id], name, words, (x) => points(x, words), (x) => words.number(x * 100, 1)),
    chance(answer, id, name, words),
    gap("cost", found.cost[id], name, words, (x) => words.money(x, answer.currency)),
  ];
}

/** Return the sentence that stands for everything, for the live region. */
export function mainSentence(answer, names, words) {
  const ids = Object.keys(answer.plans).filter((id) => id !== "base");
  if (!ids.length) return baseSentence(answer, words);
  return ids.map((id) => chance(answer, id, names[id], words)).join(" ");
}

/** Say what the base case gives. */
export function baseSentence(answer, words) {
  const { outcomes, chance: aim } = answer.plans.base;
  const live = outcomes.go_live_week;
  const week = live.q50 === null ? words.t("say.never_half") : words.t("say.median_live", { week: words.number(live.q50) });
  return [
    words.t("say.base", { share: words.percent(outcomes.adoption.mean), weeks: answer.weeks }),
    week,
    words.t("say.base_chance", { target: targetOf(answer, words), chance: words.percent(aim.chance) }),
  ].join(" ");
}

/** Return the target in words. */
export function targetOf(answer, words) {
  const { outcome, sign, level } = answer.target;
  const value = outcome === "go_live_week" ? words.number(level) : words.percent(level);
  return words.t(sign === ">=" ? "say.target_least" : "say.target_most", {
    outcome: words.outcome(outcome).toLowerCase(),
    level: value,
  });
}

/** Say how a difference stands to zero: "less", "more", "same" or "unclear". */
export function standing({ difference, ci_low: low, ci_high: high }) {
  if (difference === null || low === null || high === null) return "unclear";
  if (low === 0 && high === 0) return "same";
  if (low <= 0 && high >= 0) return "unclear";
  return difference > 0 ? "more" : "less";
}

function halfway(entry, name, words) {
  return gap("half", entry, name, words, (x) => words.t("say.weeks", { weeks: words.number(x, 1) }), (x) => words.number(x, 1));
}

function gap(key, entry, plan, words, format, bare = format) {
  const how = standing(entry);
  const { difference, ci_low: low, ci_high: high } = entry;
  if (difference === null) return words.t(`say.${key}.unknown`, { plan });
  if (how === "same") return words.t(`say.${key}.same`, { plan });
  if (how === "unclear") {
    if (low === null) return words.t(`say.${key}.unknown`, { plan });
    return words.t(`say.${key}.unclear`, { plan, low: signed(low, bare), high: signed(high, format) });
  }
  const ends = [Math.abs(low), Math.abs(high)].sort((a, b) => a - b);
  return words.t(`say.${key}.${how}`, {
    plan,
    size: format(Math.abs(difference)),
    low: bare(ends[0]),
    high: bare(ends[1]),
  });
}

function chance(answer, id, plan, words) {
  const entry = answer.compared.target[id];
  const places = {
    plan,
    target: targetOf(answer, words),
    before: words.percent(answer.plans.base.chance.chance),
    after: words.percent(answer.plans[id].chance.chance),
    low: words.signed((entry.change_low ?? 0) * 100, 0),
    high: words.signed((entry.change_high ?? 0) * 100, 0),
  };
  const how = standing({ difference: entry.change, ci_low: entry.change_low, ci_high: entry.change_high });
  return words.t(`say.chance.${how}`, places);
}

function points(value, words) {
  return words.t("say.points", { points: words.number(value * 100, 1) });
}

function signed(value, format) {
  return value > 0 ? `+${format(value)}` : value < 0 ? `−${format(-value)}` : format(0);
}
