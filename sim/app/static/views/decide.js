// Step 7: the decision kept with the run, and what can be taken away.

import { ask } from "../api.js";
import { h, put } from "../dom.js";
import { answerInParts } from "../parted.js";
import { reportFile, reportQuestion } from "../report.js";
import { encoded, namedQuestion, NOTES, planId } from "../state.js";
import { baseSentence, sentencesOf } from "../words.js";

export function decide(page) {
  const { t } = page.words;
  const message = h("p", { class: "problem", id: "file-problem" });
  const job = { controller: new AbortController() };
  const areas = NOTES.map((name) => note(page, name));
  const summary = h("div", { class: "results" });
  const node = h("div", {},
    h("p", { class: "lead" }, t("decide.lead")),
    h("div", { class: "workbench" },
      h("div", { class: "card" }, areas,
        h("p", { class: "buttons" }, h("button", { type: "button", id: "take-over", onclick: () => takeOver(page) }, t("decide.take_over")))),
      h("div", { class: "card" }, h("h3", {}, t("decide.files")), reports(page, job), files(page, message), message, link(page),
        h("p", { class: "buttons" }, h("button", { type: "button", id: "print", onclick: () => window.print() }, t("decide.print"))))),
    summary,
  );
  const update = (job) => {
    if (job.answer) put(summary, h("h3", {}, t("decide.found")), h("ul", { class: "say" }, findings(page, job.answer).map((one) => h("li", {}, one))));
  };
  return { node, update, leave: () => job.controller.abort() };
}

/** Return the buttons that make a report and save it; both may take some seconds. */
function reports(page, job) {
  const { t, lang } = page.words;
  const place = h("div", {});
  const make = (kind) => () => {
    job.controller.abort();
    job.controller = new AbortController();
    const saved = (answer) => t("decide.report_saved", { file: answer.name });
    return answerInParts(page, "report", reportQuestion(page.state(), kind, lang), place, job.controller.signal, {
      waiting: t("decide.report_waiting"),
      progress: t("decide.report_progress"),
      far: (parts) => t("decide.report_done", parts),
      keep: (answer) => save(...reportFile(answer)),
      shown: (answer) => h("p", { class: "progress", "data-report": "done" }, saved(answer)),
      said: saved,
    });
  };
  return h("div", {}, h("ul", { class: "files" },
    h("li", {}, h("button", { type: "button", id: "save-report", onclick: make("html") }, t("decide.report"))),
    h("li", {}, h("button", { type: "button", id: "save-workbook", onclick: make("xlsx") }, t("decide.workbook")))), place);
}

function note(page, name) {
  const { t } = page.words;
  const id = `note-${name}`;
  return h("div", { class: "field" },
    h("label", { for: id }, t(`note.${name}`)),
    h("textarea", { id, rows: 3, maxlength: 4000, "aria-describedby": `${id}-hint`, value: page.state().notes[name],
      oninput: (event) => page.change((now) => ({ ...now, notes: { ...now.notes, [name]: event.target.value } }), `note.${name}`) }),
    h("p", { class: "hint", id: `${id}-hint` }, t(`note.${name}_hint`)));
}

function findings(page, answer) {
  const others = page.state().plans.map((_, k) => planId(k)).filter((id) => answer.plans[id]);
  const found = others.flatMap((id) => sentencesOf(answer, id, page.words).map((one) => `${page.name(id)}: ${one}`));
  return [baseSentence(answer, page.words), ...found];
}

function takeOver(page) {
  const { answer } = page.job();
  if (!answer) return;
  const text = findings(page, answer).join("\n");
  page.change((now) => ({ ...now, notes: { ...now.notes, finding: text.slice(0, 4000) } }), "", true);
}

function files(page, message) {
  const { t } = page.words;
  const state = page.state();
  const failing = (work) => async () => {
    put(message);
    try {
      await work();
    } catch (error) {
      put(message, error.problems?.join(" ") ?? t("status.lost"));
    }
  };
  const toml = (id) => failing(async () => save(fileOf(id), (await ask("scenarios", namedQuestion(state)))[id], "application/toml"));
  const ids = ["base", ...state.plans.map((_, k) => planId(k))];
  return h("ul", { class: "files" },
    h("li", {}, h("button", { type: "button", id: "save-csv", onclick: failing(async () => save("outcomes.csv", withNotes((await ask("csv", namedQuestion(state))).text, state), "text/csv")) }, t("decide.csv"))),
    ids.map((id) => h("li", {}, h("button", { type: "button", id: `save-${id}`, onclick: toml(id) }, t("decide.toml", { plan: page.name(id) })))),
    h("li", { class: "note" }, t("decide.command", { files: ids.map(fileOf).join(" "), seed: state.seed, runs: state.replicates })));
}

function fileOf(id) {
  return id === "base" ? "base-case.toml" : `plan-${id.slice(4)}.toml`;
}

/** Put question, hypothesis, finding and decision above a table, as comments; pure. */
export function withNotes(csv, state) {
  const lines = NOTES.filter((name) => state.notes[name]).map((name) => `# ${name}: ${state.notes[name].replace(/\s+/g, " ")}\n`);
  return lines.join("") + csv;
}

function save(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function link(page) {
  const { t } = page.words;
  const address = () => `${location.origin}/#s=${encoded(page.state(), { step: "compare", lang: page.words.lang })}`;
  const box = h("input", { id: "link", type: "text", readonly: true, value: address(), "aria-describedby": "link-hint", onfocus: (event) => { event.target.value = address(); event.target.select(); } });
  const told = h("span", { role: "status" });
  const copy = async () => {
    box.value = address();
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
      put(told, t("decide.copied"));
    } catch {
      put(told, t("decide.copy_by_hand"));
    }
  };
  return h("div", { class: "field" }, h("label", { for: "link" }, t("decide.link")), box,
    h("p", { class: "hint", id: "link-hint" }, t("decide.link_hint")),
    h("p", { class: "buttons" }, h("button", { type: "button", id: "copy-link", onclick: copy }, t("decide.copy")), told));
}
