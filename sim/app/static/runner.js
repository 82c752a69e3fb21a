// From a state to numbers: a preview of few runs at once, the full answer when the hand rests.

import { ask } from "./api.js";
import { question } from "./state.js";

const REST = 350; // milliseconds without a change before the full answer is asked for
const PAUSE = 30;

/** Return a function that takes each new state; `tell` gets {status, answer, error}. */
export function runner(preview, tell) {
  let asked = "";
  let timer = 0;
  let controller = new AbortController();

  async function answer(state, replicates, signal) {
    const found = await ask("compare", question(state, replicates), signal);
    if (!signal.aborted) tell({ status: replicates < state.replicates ? "preview" : "done", answer: found });
  }

  async function both(state, signal, calm) {
    try {
      await answer(state, preview, signal);
      await new Promise((done) => setTimeout(done, calm ? 0 : REST));
      if (signal.aborted) return;
      tell({ status: "refining" });
      await answer(state, state.replicates, signal);
    } catch (error) {
      if (signal.aborted) return;
      asked = ""; // may be asked again
      tell({ status: "failed", error });
    }
  }

  return (state, calm = false) => {
    const key = JSON.stringify(question(state));
    if (key === asked) return;
    asked = key;
    tell({ status: "changed" });
    clearTimeout(timer);
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    timer = setTimeout(() => both(state, signal, calm), calm ? 0 : PAUSE);
  };
}
