// Step 5: what each barrier costs, and where the weeks of phases go.

import { stacked } from "../charts/stacked.js";
import { waterfall } from "../charts/waterfall.js";
import { h, put } from "../dom.js";
import { answerInParts } from "../parted.js";
import { figure } from "../parts.js";
import { question } from "../state.js";
import { barriersOf, CAUSES, points, waitSentence } from "../why.js";
import { select } from "./organisation.js";

const RUNS = 20; // of each combination: 511 combinations answer within half a minute
const HUES = ["grey", "green", "blue", "vermilion"];

const answers = new Map(); // of this visit; after a reload the server still has them

export function why(page) {
  const { t } = page.words;
  const place = h("div", { class: "results" });
  const plan = Math.min(page.view().explained ?? 0, page.state().plans.length);
  const job = { controller: new AbortController() };
  const asked = () => ({ question: question(page.state(), RUNS), plan: page.view().explained ?? 0 });
  const show = () => {
    job.controller.abort();
    const known = answers.get(JSON.stringify(asked()));
    put(place, known ? results(page, known) : null);
    document.getElementById("find-why")?.removeAttribute("disabled");
  };
  const start = async () => {
    job.controller.abort();
    job.controller = new AbortController();
    await find(page, asked(), place, job.controller.signal);
  };
  page.look({ explained: plan });
  const node = h("div", {},
    h("p", { class: "lead" }, t("why.lead")),
    h("div", { class: "card" },
      select("why-plan", t("why.plan"), "", String(plan),
        [["0", page.name("base")], ...page.state().plans.map((one, k) => [String(k + 1), one.name])],
        (chosen) => { page.look({ explained: Number(chosen) }); show(); }),
      h("p", { class: "buttons" }, h("button", { type: "button", id: "find-why", class: "primary", onclick: start }, t("why.find"))),
      h("p", { class: "note" }, t("why.runs", { runs: RUNS }))),
    place);
  show();
  return { node, update: () => {}, leave: () => job.controller.abort() };
}

/** Ask, and keep the answer for this visit. */
function find(page, asked, place, signal) {
  const { t } = page.words;
  return answerInParts(page, "why", asked, place, signal, {
    waiting: t("why.waiting"),
    progress: t("why.progress"),
    far: (parts) => t("why.done", parts),
    keep: (answer) => answers.set(JSON.stringify(asked), answer),
    shown: (answer) => results(page, answer),
    said: (answer) => answer.main[page.words.lang].join(" "),
  });
}

function results(page, answer) {
  const { words } = page;
  const { t } = words;
  return h("div", { "data-why": "done" },
    [...answer.main[words.lang], waitSentence(answer, words)].map((one) => h("p", { class: "say" }, one)),
    h("div", { class: "grid" }, costFigure(page, answer), ledgerFigure(page, answer)),
    h("details", { class: "fold" }, h("summary", {}, t("why.sentences")),
      h("ul", { class: "say" }, answer.sentences[words.lang].map((one) => h("li", {}, one)))),
    h("p", { class: "note" }, t("why.note")),
    h("p", { class: "note" }, t("why.numbers", { runs: words.number(answer.replicates), combinations: words.number(answer.combinations), seed: answer.seed, label: words.standing(answer.label) })));
}

function costFigure(page, answer) {
  const { words } = page;
  const { t } = words;
  const main = answer.definitions.attainable;
  const called = answer.barriers[words.lang];
  const found = barriersOf(answer);
  const range = (one) => (one.ci_low === null ? "–" : t("why.range", { low: points(one.ci_low, words), high: points(one.ci_high, words) }));
  const ranks = (one) => (one.rank_best === null ? "–" : one.rank_best === one.rank_worst ? one.rank_best : t("why.range", { low: one.rank_best, high: one.rank_worst }));
  const level = (key) => ({ label: t(`why.${key}`), value: main[key].mean, text: words.percent(main[key].mean) });
  const steps = found.map(([name, { share }]) => ({ label: called[name], value: share.value, low: share.ci_low, high: share.ci_high, text: points(share.value, words) }));
  const title = t("why.costs");
  const all = [["all", { share: main.gap, alone: {}, on_top: {}, rank_best: null }]];
  return figure({
    title,
    words,
    note: t("why.costs_note"),
    draw: (width) => waterfall({ now: level("now"), then: level("then"), steps, format: (value) => words.percent(value), name: `${title}. ${answer.main[words.lang].join(" ")}` }, width),
    head: ["barrier", "cost", "interval", "alone", "last", "rank", "modest"].map((key) => t(`why.column_${key}`)),
    rows: [...found, ...absent(answer), ...all].map(([name, one]) => [
      called[name], points(one.share.value, words), one.there === false ? t("why.absent") : range(one.share),
      points(one.alone.value, words), points(one.on_top.value, words), ranks(one),
      name === "all" ? "–" : ranks(answer.definitions.attainable_modest.barriers[name]),
    ]),
  });
}

function absent(answer) {
  return Object.entries(answer.definitions.attainable.barriers).filter(([, one]) => !one.there);
}

function ledgerFigure(page, answer) {
  const { words } = page;
  const { t } = words;
  const week = (value) => words.number(value, 1);
  const took = (one) => (one.mean === null ? "–" : t("why.mean_range", { mean: week(one.mean), low: week(one.ci_low), high: week(one.ci_high) }));
  const causes = [...CAUSES, "no_manager", "no_lead"];
  const title = t("why.ledger");
  const rows = answer.ledger.map((phase) => ({
    label: phase.label[words.lang],
    text: phase.took.mean === null ? t("why.no_turn") : t("why.took", { took: week(phase.took.mean), planned: week(phase.planned) }),
    parts: CAUSES.map((cause) => phase.weeks[cause].mean ?? 0),
    mark: phase.planned,
  }));
  const key = h("ol", { class: "causes" }, CAUSES.map((cause, k) => h("li", { class: `hue-${HUES[k]}` }, t(`cause.${cause}`))));
  const made = figure({
    title,
    words,
    note: t("why.ledger_note"),
    draw: (width) => stacked({ rows, hues: HUES, name: `${title}. ${waitSentence(answer, words)}` }, width),
    head: [t("column.phase"), t("why.column_planned"), t("why.column_took"), ...causes.map((one) => t(`cause.${one}`)), t("column.done_share")],
    rows: answer.ledger.map((phase) => [phase.label[words.lang], week(phase.planned), took(phase.took), ...causes.map((one) => took(phase.weeks[one])), words.percent(phase.done)]),
  });
  made.querySelector(".canvas").after(key);
  return made;
}
