// Own monthly figures, laid over the fan of adoption: inside, above or below; never "validated".

import { placed } from "../charts/fan.js";
import { h, put } from "../dom.js";
import { observedOf } from "../state.js";

/** Return the field for own figures; `redraw` shows them. */
export function observed(page, redraw) {
  const { t, number } = page.words;
  const problem = h("p", { class: "problem", id: "observed-problem" });
  const lines = page.state().observed.map(([week, share]) => `${week}; ${number(share * 100, 1)}`).join("\n");
  const box = h("textarea", {
    id: "observed",
    rows: 4,
    value: lines,
    "aria-describedby": "observed-hint observed-problem",
    oninput: (event) => {
      const { found, wrong } = observedOf(event.target.value);
      put(problem, wrong ? t("observed.wrong", { line: wrong }) : "");
      if (wrong) event.target.setAttribute("aria-invalid", "true");
      else event.target.removeAttribute("aria-invalid");
      if (wrong) return;
      page.change((now) => ({ ...now, observed: found }), "observed");
      redraw();
    },
  });
  return h("details", { class: "fold", open: lines !== "" }, h("summary", {}, t("observed.title")),
    h("div", { class: "field" }, h("label", { for: "observed" }, t("observed.label")), box,
      h("p", { class: "hint", id: "observed-hint" }, t("observed.hint")), problem));
}

/** Say where the own figures lie, if there are any. */
export function observedSentence(page, answer) {
  const own = page.state().observed;
  if (!own.length) return null;
  const found = placed(own, answer.plans.base.fans.adoption);
  const count = (where) => page.words.number(found.filter((one) => one.where === where).length);
  return h("p", { class: "say", id: "observed-said" },
    page.words.t("observed.said", { inside: count("inside"), above: count("above"), below: count("below") }));
}
