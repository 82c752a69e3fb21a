// The network of clinicians: teams in a ring of rings, ties between them, a shape for each state.

import { s } from "../dom.js";
import { picture } from "./axes.js";

const MARGIN = 10; // pixels, for rings around marks

export const STATES = ["untrained", "trained", "user", "lapsed", "vacant"];

/** Return where each clinician stands, in a square of side 1; pure. */
export function positions(teams) {
  const members = new Map();
  teams.forEach((team, post) => members.set(team, [...(members.get(team) ?? []), post]));
  const count = members.size;
  const places = new Array(teams.length);
  const width = 0.8 * Math.sin(Math.PI / Math.max(count, 2)); // so that teams do not overlap
  const inner = count > 1 ? (0.47 * width) / (1 + width) : 0.44;
  const outer = count > 1 ? 0.47 - inner : 0;
  [...members.keys()].forEach((team, k) => {
    const turn = (2 * Math.PI * k) / count - Math.PI / 2;
    const posts = members.get(team);
    posts.forEach((post, n) => {
      const angle = (2 * Math.PI * n) / posts.length - Math.PI / 2;
      const radius = posts.length === 1 ? 0 : inner;
      places[post] = [
        0.5 + outer * Math.cos(turn) + radius * Math.cos(angle),
        0.5 + outer * Math.sin(turn) + radius * Math.sin(angle),
      ];
    });
  });
  return places;
}

/** Return each clinician's state in a week, from the changes up to it; pure. */
export function statesAt(run, week) {
  const states = run.teams.map(() => "untrained");
  for (const change of run.changes) if (change.week <= week) states[change.post] = change.state;
  return states;
}

/** Return each clinician's number of active patients in a week; pure. */
export function patientsAt(run, week) {
  const active = run.teams.map(() => 0);
  for (const [when, post, change] of run.patients) if (when <= week) active[post] += change;
  return active;
}

/** Return how many clinicians are in each state. */
export function counts(states) {
  return Object.fromEntries(STATES.map((one) => [one, states.filter((state) => state === one).length]));
}

/** Return the mark of a state, drawn around (0, 0): told apart by shape, not by colour alone. */
export function mark(state, r) {
  const shape = {
    untrained: () => s("circle", { r: r * 0.8 }),
    trained: () => [s("circle", { r: r * 0.8 }), s("path", { class: "half", d: `M0 ${-r * 0.8}a${r * 0.8} ${r * 0.8} 0 0 1 0 ${r * 1.6}z` })],
    user: () => s("circle", { r }),
    lapsed: () => s("path", { d: `M0 ${-r}L${r} 0L0 ${r}L${-r} 0Z` }),
    vacant: () => s("path", { d: `M${-r * 0.6} ${-r * 0.6}L${r * 0.6} ${r * 0.6}M${-r * 0.6} ${r * 0.6}L${r * 0.6} ${-r * 0.6}` }),
  }[state];
  return s("g", { class: `state-${state}` }, shape());
}

/** Return the picture and a function that shows the states of a week in it. */
export function network(run, size, name, choose) {
  const places = positions(run.teams).map((at) => at.map((part) => MARGIN + part * (size - 2 * MARGIN)));
  const r = Math.max(3.5, Math.min(8.5, size / (4.6 * Math.sqrt(run.teams.length + 8))));
  const shown = new Array(run.teams.length).fill("");
  const nodes = places.map(([x, y], post) =>
    s("g", { class: "node", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, onclick: () => choose(post) }),
  );
  const keys = run.key_users.map((post) =>
    s("circle", { class: "key-user", cx: places[post][0], cy: places[post][1], r: r + 3.5 }),
  );
  const chosen = s("circle", { class: "chosen", r: r + 7, cx: -50, cy: -50 });
  const height = Math.min(size, Math.max(0, ...places.map(([, y]) => y)) + MARGIN + r); // no room below the lowest
  const svg = picture(size, height, name, ties(run, places), keys, chosen, nodes);
  const show = (states, post) => {
    states.forEach((state, k) => {
      if (state === shown[k]) return;
      shown[k] = state;
      nodes[k].replaceChildren(mark(state, r));
    });
    chosen.setAttribute("cx", places[post]?.[0] ?? -50);
    chosen.setAttribute("cy", places[post]?.[1] ?? -50);
  };
  return { svg, show };
}

function ties(run, places) {
  const path = run.ties.map(([a, b]) => `M${places[a].map(short).join(" ")}L${places[b].map(short).join(" ")}`);
  return s("path", { class: "ties", d: path.join("") });
}

function short(value) {
  return value.toFixed(1);
}
