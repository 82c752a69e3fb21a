"""The server: static files, and a thin JSON API over the same calls as the command line.

Two desks answer: one is quick (previews of few runs), so that a lever is never held up by the
refinement of the lever before it; the other does the rest.
"""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sim.app import fields
from sim.app.desk import Desk, LostError, OverloadedError, TooSlowError
from sim.app.guard import Guard
from sim.app.questions import MOST_PLANS, MOST_RUNS, Comparing
from sim.errors import InputError, MihError
from sim.experiment.store.folder import version_of
from sim.outcomes import LABEL
from sim.parameters import outcomes
from sim.scenario import load

STATIC = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
PREVIEW = 20
"""Runs of a preview, also the most that the quick desk makes."""

NO_JSON = (ValueError, RecursionError)
STATUS = {OverloadedError: 503, TooSlowError: 504, LostError: 503}
TASKS = ("compare", "csv", "why", "staff", "report", "play", "follow")


def application(*, limit: float = 20.0, queue: int = 8, token: str | None = None) -> Starlette:
    """Return the application. ``limit``: seconds of a job; ``queue``: jobs that may wait."""
    model()  # reads all examples, before anybody waits for them
    secret = token or secrets.token_urlsafe(32)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.quick, app.state.thorough = Desk(limit, queue), Desk(limit, queue)
        for desk in (app.state.quick, app.state.thorough):
            desk.open()
        yield
        for desk in (app.state.quick, app.state.thorough):
            await desk.close()

    page = page_with(secret)
    routes = [
        Route("/", lambda _: HTMLResponse(page)),
        Route("/api/model", lambda _: JSONResponse(model())),
        *(Route(f"/api/{task}", _asking(task), methods=["POST"]) for task in TASKS),
        Route("/api/scenarios", _scenarios, methods=["POST"]),
        Route("/static/{name:path}", _serving(files())),
    ]
    made = Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(Guard, token=secret)])
    made.state.token = secret
    return made


@cache
def model() -> dict[str, Any]:
    """Return what the page has to know of the model: inputs, levers, examples, words, limits."""
    return {
        "version": version_of("mih-sim"),
        "label": LABEL,
        "organisation": fields.ORGANISATION,
        "levers": fields.LEVERS,
        "inputs": {name: fields.described(name) for name in fields.INPUTS},
        "examples": {name: _example(name) for name in fields.examples()},
        "outcomes": {
            one.name: {"en": one.label, "nl": one.label_nl, "kind": one.kind, "unit": one.unit}
            for one in outcomes().values()
        },
        "preview": PREVIEW,
        "most_plans": MOST_PLANS,
        "most_runs": MOST_RUNS,
    }


def page_with(token: str) -> str:
    """Return the page with a token, and all its scripts named so that they load side by side."""
    scripts = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))
    links = "\n".join(f'<link rel="modulepreload" href="/static/{one}">' for one in scripts)
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    return text.replace("{token}", token).replace("{modules}", links)


def _example(name: str) -> dict[str, Any]:
    scenario = load(name)
    values = {key: scenario.values[key] for key in fields.INPUTS if key in scenario.values}
    for phase in scenario.phases:
        key = f"phases.{phase.name}.delay_weeks"
        values |= {key: phase.delay_weeks} if key in fields.INPUTS else {}
    return {"title": scenario.title, "shows": scenario.shows, "values": values}


def files() -> dict[str, tuple[bytes, str]]:
    """Return the content and type of each file of the page by name: nothing else can be asked."""
    found = (path for path in STATIC.rglob("*") if path.suffix in TYPES)
    return {
        path.relative_to(STATIC).as_posix(): (path.read_bytes(), TYPES[path.suffix])
        for path in found
    }


def _serving(known: dict[str, tuple[bytes, str]]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        found = known.get(request.path_params["name"])
        if found is None:
            return _problem(404, ["no such file"])
        return Response(found[0], media_type=found[1])

    return endpoint


def _asking(task: str) -> Callable[[Request], Any]:
    """Return the endpoint that hands a task's question to a desk."""

    async def endpoint(request: Request) -> Response:
        try:
            question = await request.json()
        except NO_JSON:
            return _problem(400, ["the question is no JSON"])
        few = isinstance(question, dict) and _is_few(question.get("replicates"))
        state = request.app.state
        desk: Desk = state.quick if task == "compare" and few else state.thorough
        try:
            found = await desk.ask(task, question)
        except MihError as error:
            return _problem(STATUS.get(type(error), 500), [str(error)])
        if "problems" in found:
            return _problem(found["status"], found["problems"])
        return JSONResponse(found["answer"], found["status"])

    return endpoint


def _is_few(replicates: object) -> bool:
    return isinstance(replicates, int) and replicates <= PREVIEW


async def _scenarios(request: Request) -> Response:
    """Return the text of a scenario file for the base case and each plan."""
    try:
        plans = Comparing.of(await request.json()).titled()
        texts = {id_: one.to_toml() for id_, one in plans.items()}
    except InputError as error:
        return _problem(422, list(error.messages))
    except NO_JSON:
        return _problem(400, ["the question is no JSON"])
    return JSONResponse(texts)


def _problem(status: int, problems: list[str]) -> JSONResponse:
    headers = {"retry-after": "1"} if status == 503 else None
    return JSONResponse({"problems": problems}, status, headers)
