// Questions that are answered part by part: how far it is, then the answer, or what went wrong.

import { ask } from "./api.js";
import { h, put } from "./dom.js";

/**
 * Ask until the answer is there, and show it in a place; the same question again goes on.
 * `waiting`, `progress` and `far` are the words meanwhile; `shown` and `said` give the answer as a
 * node and as a sentence.
 */
export async function answerInParts(page, name, asked, place, signal, { waiting, progress, far, keep, shown, said }) {
  const { words } = page;
  const told = h("p", { class: "progress preview", [`data-${name}`]: "waiting" }, waiting);
  const meter = h("progress", { max: 1, value: 0, "aria-label": progress });
  put(place, told, meter);
  page.say(waiting);
  let answer;
  try {
    answer = await ask(name, asked, signal);
    while (answer.done !== undefined) {
      put(told, far({ done: words.number(answer.done), of: words.number(answer.of) }));
      meter.max = answer.of;
      meter.value = answer.done;
      answer = await ask(name, asked, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    const text = error.problems?.join(" ") ?? words.t("status.lost");
    put(place, h("p", { class: "progress failed" }, text));
    page.say(text);
    return;
  }
  if (signal.aborted) return;
  keep(answer);
  put(place, shown(answer));
  page.say(said(answer));
}
