// Undo and redo over states; pure. Edits of one field in a row are one step back.

const DEEPEST = 200;

export function started(state) {
  return { past: [], present: state, future: [], tag: "" };
}

export function changed(history, next, tag = "") {
  if (tag && tag === history.tag) return { ...history, present: next, future: [] };
  const past = [...history.past, history.present].slice(-DEEPEST);
  return { past, present: next, future: [], tag };
}

export function undone(history) {
  if (!history.past.length) return history;
  const past = history.past.slice(0, -1);
  const future = [history.present, ...history.future];
  return { past, present: history.past.at(-1), future, tag: "" };
}

export function redone(history) {
  if (!history.future.length) return history;
  const [present, ...future] = history.future;
  return { past: [...history.past, history.present], present, future, tag: "" };
}
