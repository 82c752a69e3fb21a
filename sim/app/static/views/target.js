// The target that the chance is given for: an outcome and a level.

import { h, put } from "../dom.js";
import { TARGETS } from "../state.js";

const USUAL = { adoption: 0.5, sustained_adoption: 0.4, reach: 0.25, go_live_week: 40 };

export function target(page) {
  const { words } = page;
  const state = page.state();
  const time = state.outcome === "go_live_week";
  const problem = h("p", { class: "problem", id: "level-problem" });
  const outcome = h("select", { id: "target", onchange: (event) => {
    const chosen = event.target.value;
    page.change((now) => ({ ...now, outcome: chosen, level: USUAL[chosen] }), "", true);
  } }, TARGETS.map((name) => h("option", { value: name }, words.outcome(name))));
  outcome.value = state.outcome;
  const level = h("input", {
    id: "level",
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    value: String(time ? state.level : Number((state.level * 100).toFixed(2))),
    "aria-describedby": "level-problem",
    oninput: (event) => {
      const found = Number(event.target.value.trim().replace(",", ".") || NaN);
      const top = time ? 1040 : 100;
      const good = Number.isFinite(found) && found >= 0 && found <= top;
      put(problem, good ? "" : words.t("wrong.range", { low: 0, high: top, unit: time ? words.unit("weeks") : "%" }));
      event.target.toggleAttribute("aria-invalid", !good);
      if (!good) event.target.setAttribute("aria-invalid", "true");
      else page.change((now) => ({ ...now, level: time ? found : Number((found / 100).toFixed(6)) }), "level");
    },
  });
  return h("div", { class: "target" },
    h("div", { class: "field" }, h("label", { for: "target" }, words.t("target.outcome")), outcome),
    h("div", { class: "field" },
      h("label", { for: "level" }, words.t(time ? "target.most" : "target.least")),
      h("div", { class: "entry" }, level, h("span", { class: "unit", "aria-hidden": "true" }, time ? words.unit("weeks") : "%")),
      problem),
  );
}
