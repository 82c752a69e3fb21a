// What a plan has to do beside reaching the target: by which week, how surely, for how much.

import { h, put } from "../dom.js";
import { AIMS } from "../state.js";

/** Return the field of a part of the aim; an empty budget is none. `changed` is told of a change. */
export function aimField(page, name, changed) {
  const { words } = page;
  const { low, high, scale, whole, empty } = AIMS[name];
  const value = page.state()[name];
  const problem = h("p", { class: "problem", id: `${name}-problem` });
  const unit = words.t(`staff.unit_${name}`);
  const check = (event) => {
    const text = event.target.value.trim().replace(/\s*%$/, "").replace(",", ".");
    const none = empty && text === "";
    const found = none ? null : Number(text || NaN);
    const good = none || (Number.isFinite(found) && found >= low && found <= high && (!whole || Number.isInteger(found)));
    put(problem, good ? "" : words.t(`wrong.${whole && found % 1 ? "whole" : "range"}`, { low, high: words.number(high), unit }));
    if (!good) {
      event.target.setAttribute("aria-invalid", "true");
      return;
    }
    event.target.removeAttribute("aria-invalid");
    page.change((now) => ({ ...now, [name]: none ? null : Number((found / scale).toFixed(6)) }), name);
    changed();
  };
  return h("div", { class: "field" },
    h("label", { for: name }, words.t(`staff.${name}`)),
    h("div", { class: "entry" },
      h("input", { id: name, type: "text", inputmode: "decimal", autocomplete: "off", value: value === null ? "" : String(Number((value * scale).toFixed(4))), "aria-describedby": `${name}-problem`, oninput: check }),
      h("span", { class: "unit", "aria-hidden": "true" }, unit)),
    problem);
}
