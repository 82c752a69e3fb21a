// The report of the base case and the plans: what is asked, and the file that is answered; pure.

import { namedQuestion } from "./state.js";

const TYPES = { html: "text/html", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };

/** Return what the server is asked; `kind` is "html" (the page) or "xlsx" (the workbook). */
export function reportQuestion(state, kind, lang) {
  return { question: namedQuestion(state), kind, lang, notes: state.notes };
}

/** Return the file that the server answered: name, content, type. */
export function reportFile(answer) {
  const type = TYPES[answer.name.split(".").at(-1)];
  if (answer.text !== undefined) return [answer.name, answer.text, type];
  return [answer.name, Uint8Array.from(atob(answer.base64), (one) => one.charCodeAt(0)), type];
}
