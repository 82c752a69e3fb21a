// Asking the server, which is this machine. A refusal becomes an error with its problems.

const token = document.querySelector('meta[name="mih-token"]').content;

export class Refused extends Error {
  constructor(status, problems) {
    super(problems.join("\n"));
    this.status = status;
    this.problems = problems;
  }
}

/** Return a JSON file or answer. */
export async function read(path) {
  return answerOf(await fetch(path));
}

/** Ask a question; `signal` may end the waiting. Too busy: asked again a few times. */
export async function ask(task, question, signal) {
  for (let tries = 0; ; tries += 1) {
    const response = await fetch(`/api/${task}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-mih-token": token },
      body: JSON.stringify(question),
      signal,
    });
    if (response.status !== 503 || tries >= 4) return answerOf(response);
    await new Promise((done) => setTimeout(done, 300 * (tries + 1)));
  }
}

async function answerOf(response) {
  if (response.ok) return response.json();
  let problems = [`HTTP ${response.status}`];
  try {
    problems = (await response.json()).problems ?? problems;
  } catch {
    // no JSON: the status has to do
  }
  throw new Refused(response.status, problems);
}
