// One person followed through a run: what happened, why it was likely, and levels week by week.

import { ask } from "../api.js";
import { level } from "../charts/levels.js";
import { h, put } from "../dom.js";
import { figure } from "../parts.js";
import { select } from "./organisation.js";

const LEVELS = [["role_clarity", 1, "blue"], ["motivation", 1, "green"], ["strain", 1, "vermilion"], ["load", 1.5, "grey"]];
const TIE = 0.02; // as sim.trace.TIE

/** Fill `place` with the story of the chosen clinician, or of the patients of one place. */
export async function story(page, run, asked, seen, place, choose) {
  const { t, number } = page.words;
  const whom = seen.place ?? null;
  const body = h("div", {}, h("p", { class: "progress preview" }, t("watch.loading")));
  put(place,
    h("h3", {}, t("follow.title")),
    select("follow-post", t("follow.clinician"), "", String(seen.post),
      run.teams.map((team, post) => [String(post), t(run.key_users.includes(post) ? "follow.option_key" : "follow.option", { number: post + 1, team: team + 1 })]),
      (post) => choose(Number(post))),
    select("follow-place", t("follow.whom"), "", whom === null ? "" : String(whom),
      [["", t("follow.herself")], ...Array.from({ length: Math.min(run.caseload, 200) }, (_, k) => [String(k), t("follow.place", { number: number(k + 1) })])],
      (text) => { seen.place = text === "" ? null : Number(text); story(page, run, asked, seen, place, choose); }),
    body);
  const ticket = (place.ticket = Symbol("latest"));
  try {
    const found = await ask("follow", { ...asked, clinician: seen.post, place: whom });
    if (place.ticket === ticket) put(body, told(page, run, found, whom));
  } catch (error) {
    if (place.ticket === ticket) put(body, h("p", { class: "progress failed" }, error.problems?.join(" ") ?? t("status.lost")));
  }
}

function told(page, run, found, whom) {
  const { words } = page;
  const { t } = words;
  const events = found.events.map((one) => h("li", {}, h("strong", {}, t("follow.week", { week: one.week })), " ", sentence(one, run, words)));
  return [
    h("ol", { class: "story", tabindex: "0", "aria-label": t("follow.title") }, events.length ? events : h("li", {}, t("follow.nothing"))),
    whom === null ? h("div", { class: "levels" }, LEVELS.map(([name, most, hue]) => levelFigure(page, found, name, most, hue))) : null,
  ];
}

/** Return an event in words, with its reasons; pure. */
export function sentence(one, run, words) {
  const { t } = words;
  const what = t(`event.${one.role}.${one.event}`, { occupant: one.occupant, phase: Object.values(run.phases)[one.detail]?.[words.lang] ?? "" });
  if (one.reasons === null) return `${what}.`;
  if (!one.reasons.length) return `${what}, ${t("follow.by_chance")}.`;
  const strongest = one.reasons[0].factor;
  const names = one.reasons.filter((reason) => reason.factor >= strongest * (1 - TIE)).map((reason) => t(`reason.${reason.reason}`));
  const others = one.reasons.slice(names.length, names.length + 2).map((reason) => t(`reason.${reason.reason}`));
  const and = (list) => list.join(` ${t("follow.and")} `);
  const times = strongest > 1 ? ` (${t("follow.times", { factor: words.number(strongest, 1) })})` : "";
  const also = others.length ? `; ${t("follow.also", { reasons: and(others) })}` : "";
  return `${what}, ${t("follow.because", { reasons: and(names) })}${times}${also}.`;
}

function levelFigure(page, found, name, most, hue) {
  const { words } = page;
  const values = found.levels[name];
  const title = words.t(`level.${name}`);
  const weeks = values.map((_, k) => k + 1).filter((week) => week % 13 === 0);
  const cell = (week) => (values[week - 1] === null ? "–" : words.percent(values[week - 1]));
  const top = Math.max(most, ...values.map((value) => value ?? 0));
  return figure({
    title,
    words,
    draw: (width) => level({ values, most: top, marks: found.events.map((one) => one.week), name: `${title}: ${weeks.filter((week) => week % 52 === 0).map((week) => `${words.t("follow.week", { week })} ${cell(week)}`).join(", ")}`, hue }, width, words),
    head: [words.t("column.week"), title],
    rows: weeks.map((week) => [words.number(week), cell(week)]),
  });
}
