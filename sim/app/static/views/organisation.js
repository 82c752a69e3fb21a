// Step 1: the organisation's own numbers.

import { field, progress } from "../parts.js";
import { h, put } from "../dom.js";
import { applies, baseValue, RUNS, withDate, withValue } from "../state.js";
import { baseSentence } from "../words.js";
import { fanFigure } from "./base.js";

export function organisation(page) {
  const { words, model } = page;
  const { t } = words;
  const state = page.state();
  const status = h("div", {});
  const place = h("div", { class: "results", id: "preview" });
  const groups = Object.entries(model.organisation).map(([group, names]) => fieldset(page, group, names, group !== "size" && group !== "people"));
  const levers = fieldset(page, "today", Object.values(model.levers).flat(), false);
  const node = h("div", {},
    h("p", { class: "lead" }, t("organisation.lead")),
    h("div", { class: "card row" },
      select("start", t("organisation.start"), t("organisation.start_hint"), state.start,
        Object.entries(model.examples).map(([name, one]) => [name, one.title]),
        (start) => page.change((now) => ({ ...now, start, values: {} }), "", true), "en"),
      textBox("title", t("organisation.title"), t("organisation.title_hint"), state.title, 80,
        (title) => page.change((now) => ({ ...now, title }), "title")),
    ),
    h("div", { class: "check" },
      h("input", { type: "checkbox", id: "own", checked: state.own, "aria-describedby": "own-hint",
        onchange: (event) => page.change((now) => ({ ...now, own: event.target.checked }), "") }),
      h("label", { for: "own" }, t("organisation.own")),
      h("p", { class: "hint", id: "own-hint" }, t("organisation.own_hint"))),
    h("div", { class: "workbench" },
      h("div", {}, groups.slice(0, 2), levers, groups.slice(2), fold(t("group.reading"), reading(page))),
      h("div", {}, status, place)),
  );
  const update = (job) => {
    put(status, progress(job, words));
    if (!job.answer || job.answer === update.shown) return;
    update.shown = job.answer;
    put(place, h("p", { class: "say" }, baseSentence(job.answer, words)), fanFigure(page, job.answer, "base", "adoption"));
  };
  return { node, update };
}

function fieldset(page, group, names, folded) {
  const { words, model } = page;
  const state = page.state();
  const fields = names.filter((name) => applies(state, model, name)).map((name) =>
    field({
      input: model.inputs[name],
      value: baseValue(state, model, name),
      id: `base-${name.replaceAll(".", "-")}`,
      words,
      problem: page.problem(name),
      onvalue: (value) => page.change((now) => withValue(now, model, name, value), `base.${name}`, name === "at_start"),
    }),
  );
  const title = words.t(`group.${group}`);
  if (folded) return fold(title, h("div", { class: "fields even" }, fields));
  return h("fieldset", {}, h("legend", {}, title), h("div", { class: "fields even" }, fields));
}

function fold(title, content) {
  return h("details", { class: "fold" }, h("summary", {}, title), content);
}

function reading(page) {
  const { t, number } = page.words;
  const state = page.state();
  return h("div", { class: "fields" },
    textBox("date", t("reading.date"), t("reading.date_hint"), state.date, 10,
      (date) => dated(page, date), "date"),
    select("replicates", t("reading.runs"), t("reading.runs_hint"), String(state.replicates),
      RUNS.map((runs) => [String(runs), number(runs)]),
      (runs) => page.change((now) => ({ ...now, replicates: Number(runs) }), "")),
    textBox("seed", t("reading.seed"), t("reading.seed_hint"), String(state.seed), 15, (text) => {
      if (/^\d{1,15}$/.test(text)) page.change((now) => ({ ...now, seed: Number(text) }), "seed");
    }),
  );
}

/** Take over a start date; the field of the calendar week follows it while the date keeps the focus. */
function dated(page, date) {
  page.change((now) => withDate(now, page.model, date), "date");
  const week = document.getElementById("base-calendar_week");
  if (week) week.value = baseValue(page.state(), page.model, "calendar_week");
}

export function select(id, label, hint, value, options, onvalue, lang = null) {
  const control = h("select", { id, "aria-describedby": `${id}-hint`, onchange: (event) => onvalue(event.target.value) },
    options.map(([key, text]) => h("option", { value: key, lang }, text)));
  control.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, label), control, h("p", { class: "hint", id: `${id}-hint` }, hint));
}

export function textBox(id, label, hint, value, longest, onvalue, type = "text") {
  return h("div", { class: "field" }, h("label", { for: id }, label),
    h("input", { id, type, value, maxlength: type === "text" ? longest : null, autocomplete: "off", "aria-describedby": `${id}-hint`,
      oninput: (event) => onvalue(event.target.value) }),
    h("p", { class: "hint", id: `${id}-hint` }, hint));
}
