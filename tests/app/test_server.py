"""The server: the numbers of the command line, and who may ask for how much."""

import concurrent.futures
import http.client
import json
import os
import signal
import sys
import time

import psutil
import pytest
from click.testing import CliRunner

import sim
from sim import parameters
from sim.app import fields
from sim.app.guard import MOST_BYTES
from sim.cli import main
from sim.outcomes import LABEL
from tests.app.serving import TOKEN, Served, commanded, free

TWO = [{"name": "A", "changes": {"leads": 2}}, {"name": "B", "changes": {"invitation": "default"}}]
SMALL = {"values": {"clinicians": 12, "caseload": 5, "weeks": 80}}
JSON = {"content_type": "application/json", "x_mih_token": TOKEN}


# --- the same numbers --------------------------------------------------------------------------


def test_the_page_has_the_numbers_of_the_library(served: Served) -> None:
    question = {"organisation": {**SMALL, "own": True}, "plans": TWO, "replicates": 30, "seed": 7}
    served.answer("compare", question | {"replicates": 25})  # refined, not simulated anew
    found = served.answer("compare", question)
    assert found["simulated"] == 3 * 5
    base = sim.load("baseline").replace(**SMALL["values"], **fields.OWN_NUMBERS)
    plans = {"base": base, "a": base.replace(leads=2), "b": base.replace(invitation="default")}
    compared = sim.compare(plans, 30, 7).as_json()
    for k, (plan, scenario) in enumerate(plans.items()):
        summary = sim.run(scenario, 30, 7).summary()
        id_ = f"plan{k}" if k else "base"
        for name, one in found["plans"][id_]["outcomes"].items():
            expected = json.loads(json.dumps(summary[name].as_json()))
            assert {key: one[key] for key in expected if key != "unit"} == {
                key: value for key, value in expected.items() if key != "unit"
            }, (plan, name)
            if k:
                entry = compared["outcomes"][name]["plans"][plan]
                assert found["compared"]["outcomes"][name][id_] == entry, (plan, name)
        chance = compared["target"]["plans"][plan]
        assert found["plans"][id_]["chance"]["chance"] == chance["chance"]
        if k:
            assert found["compared"]["target"][id_] == chance


def test_nothing_is_simulated_twice(served: Served) -> None:
    question = {"organisation": SMALL, "replicates": 30, "seed": 21}
    assert served.answer("compare", question)["simulated"] == 30
    one = served.answer("compare", question | {"plans": TWO[:1]})
    assert one["simulated"] == 30  # the plan's; the base case is known
    renamed = [{**TWO[0], "name": "another name"}]
    assert served.answer("compare", question | {"plans": renamed})["simulated"] == 0
    desk = served.app.state.thorough
    asked = len(desk.answers)
    assert served.answer("compare", question) == served.answer("compare", question)
    assert len(desk.answers) == asked


def test_a_run_that_is_played_ends_as_the_run_of_the_command_line(served: Served) -> None:
    asked = {"question": {"organisation": SMALL, "plans": TWO, "seed": 3}, "plan": 1}
    base = sim.load("baseline").replace(**SMALL["values"], **fields.OWN_NUMBERS)
    for replicate in range(6):
        run = served.answer("play", asked | {"replicate": replicate})
        weekly = sim.run(base.replace(leads=2), 1, 3, first_replicate=replicate).weekly[0]
        states = ["untrained"] * 12
        for week in range(1, 81):
            for change in run["changes"]:
                if change["week"] == week:
                    states[change["post"]] = change["state"]
            assert states.count("user") / 12 == pytest.approx(weekly["adoption"][week - 1])
            assert states.count("vacant") / 12 == pytest.approx(weekly["vacant"][week - 1])
        started, left = weekly["started"].sum(), weekly["completed"] + weekly["dropped"]
        assert sum(change for _, _, change in run["patients"]) == started - left.sum()
    assert len(run["teams"]) == 12
    assert all(0 <= a < b < 12 for a, b in run["ties"])


def test_a_person_that_is_followed_has_the_story_of_mih_trace(served: Served) -> None:
    asked = {"question": {"organisation": SMALL}, "clinician": 2, "replicate": 1}
    found = served.answer("follow", asked)
    from sim.trace import story

    base = sim.load("baseline").replace(**SMALL["values"], **fields.OWN_NUMBERS)
    told = story(base, "0/clinician/2", 1, 1)[1:-1]
    assert [one["week"] for one in found["events"]] == [line.week for line in told]
    for one, line in zip(found["events"], told, strict=True):
        reasons = None if line.reasons is None else [name for name, _ in line.reasons[:3]]
        said = one["reasons"]
        assert (None if said is None else [each["reason"] for each in said]) == reasons
    assert all(len(values) == 80 for values in found["levels"].values())


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "127.0.0.1:1", "localhost@evil", "", "[::1]"]
)
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    status, _, _ = served.send("GET", "/", host=host)
    assert status in (400, 421)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("origin", ["http://example.org", "null", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(served: Served, method: str, origin: str) -> None:
    path = "/api/model" if method == "GET" else "/api/compare"
    status, _, _ = served.send(method, path, b"{}" * (method == "POST"), origin=origin, **JSON)
    assert status == 403


def test_a_foreign_page_is_refused_by_what_the_browser_says_of_it(served: Served) -> None:
    assert served.send("GET", "/api/model", sec_fetch_site="cross-site")[0] == 403
    assert served.send("POST", "/api/compare", b"{}", sec_fetch_site="same-site", **JSON)[0] == 403
    followed = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert served.send("GET", "/", **followed)[0] == 200  # a link may lead here


def test_nothing_is_done_without_the_token(served: Served) -> None:
    simulated = served.app.state.thorough.answers.copy()
    for token in ("", "wrong", TOKEN[:-1], TOKEN + "x"):
        headers = {"content_type": "application/json", "x_mih_token": token}
        for task in ("compare", "csv", "play", "follow", "scenarios"):
            assert served.send("POST", f"/api/{task}", b"{}", **headers)[0] == 403
    assert served.app.state.thorough.answers == simulated
    assert served.send("GET", "/api/compare")[0] == 405
    plain = {"content_type": "text/plain", "x_mih_token": TOKEN}
    assert served.send("POST", "/api/compare", b"{}", **plain)[0] == 415


def test_a_long_body_is_refused_whatever_length_it_claims(served: Served) -> None:
    long = json.dumps({"plans": [], "seed": 1}).encode().ljust(MOST_BYTES + 1)
    assert served.send("POST", "/api/compare", long, **JSON)[0] == 413
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    chunks = (b" " * 4096 for _ in range(20))
    headers = {name.replace("_", "-"): value for name, value in JSON.items()}
    line.request("POST", "/api/compare", chunks, headers, encode_chunked=True)
    assert line.getresponse().status == 413
    line.close()
    assert served.send("POST", "/api/scenarios", long[:MOST_BYTES], **JSON)[0] == 200


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ({"organisation": {"start": "../../etc/passwd"}}, "no example is called"),
        ({"organisation": {"start": "/etc/passwd"}}, "no example is called"),
        ({"organisation": {"start": "baseline.toml"}}, "no example is called"),
        ({"organisation": {"start": "national"}}, "no example is called"),
        ({"organisation": {"values": {"organisations": 2}}}, "organisations: not an input"),
        ({"organisation": {"values": {"clinicians": 5001}}}, "clinicians: too high"),
        ({"organisation": {"values": {"clinicians": 5000, "caseload": 200}}}, "seconds of work"),
        ({"plans": [{"name": "A", "changes": {"clinicians": 2}}]}, "plan1.clinicians: not an"),
        ({"plans": [{"name": "A", "changes": {"leads": 1.5}}]}, "plan1.leads: must be a whole"),
        ({"plans": [{"name": "A", "changes": {"leads": True}}]}, "plans.0.changes.leads"),
        ({"plans": [{"name": "A"}] * 5}, "plans"),
        ({"plans": [{"name": ""}]}, "plans.0.name"),
        ({"replicates": 501}, "replicates"),
        ({"replicates": "20"}, "replicates"),
        ({"seed": -1}, "seed"),
        ({"target": "adoption>=2"}, "target: adoption is a share"),
        ({"target": "x" * 90}, "target"),
        ({"unknown": 1}, "unknown"),
        ([], "question"),
        (None, "question"),
    ],
)
def test_a_question_that_cannot_be_is_explained(
    served: Served, question: object, complaint: str
) -> None:
    status, found, _ = served.ask("compare", question)
    assert status == 422
    assert any(complaint in problem for problem in found["problems"]), found


def test_what_is_no_json_is_refused_and_no_file_is_served_but_the_page(served: Served) -> None:
    for task in ("compare", "scenarios"):
        for body in (b"{", b"\xff", b"[" * 60_000, b'{"seed": 1' + b"0" * 5000 + b"}"):
            status, found, _ = served.send("POST", f"/api/{task}", body, **JSON)
            assert status in (400, 422), found
            assert found["problems"]
    for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd", "/x"):
        assert served.send("GET", path)[0] == 404


def test_every_answer_forbids_what_is_not_ours(served: Served) -> None:
    for path in ("/", "/api/model", "/static/main.js", "/nothing"):
        _, _, headers = served.send("GET", path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    status, page, _ = served.send("GET", "/")
    assert (status, page.count(TOKEN)) == (200, 1)


# --- how much ----------------------------------------------------------------------------------


def test_fifty_questions_at_once_are_answered_or_refused_politely(served: Served) -> None:
    questions = [{"organisation": SMALL, "replicates": 21, "seed": 1000 + k} for k in range(50)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda question: served.ask("compare", question), questions))
    statuses = {status for status, _, _ in found}
    assert statuses <= {200, 503}
    assert 200 in statuses
    for status, answer, headers in found:
        if status == 503:
            assert answer["problems"]
            assert headers["retry-after"] == "1"
    served.answer("compare", questions[0])


def test_the_same_question_at_once_is_one_job(served: Served) -> None:
    question = {"organisation": SMALL, "replicates": 22, "seed": 77}
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: served.ask("compare", question), range(20)))
    assert [status for status, _, _ in found] == [200] * 20
    assert {answer["simulated"] for _, answer, _ in found} == {22}


def test_a_job_beyond_its_limit_is_killed_and_the_next_is_answered(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.answer("compare", {"organisation": SMALL, "replicates": 30})
    desk = served.app.state.thorough
    worker = desk.process.pid
    monkeypatch.setattr(desk, "limit", 0.3)
    big = {"values": {"clinicians": 1500, "caseload": 20}}
    status, found, _ = served.ask("compare", {"organisation": big, "replicates": 100})
    assert status == 504, found
    assert "stopped after 0.3 seconds" in found["problems"][0]
    assert not psutil.pid_exists(worker)
    monkeypatch.undo()
    served.answer("compare", {"organisation": SMALL, "replicates": 31})


def test_a_worker_that_dies_is_replaced(served: Served) -> None:
    served.answer("compare", {"organisation": SMALL, "replicates": 30, "seed": 5})
    os.kill(served.app.state.thorough.process.pid, signal.SIGKILL)
    time.sleep(0.2)
    status, _, _ = served.ask("compare", {"organisation": SMALL, "replicates": 30, "seed": 6})
    assert status in (200, 503)
    served.answer("compare", {"organisation": SMALL, "replicates": 30, "seed": 6})


def test_mih_app_listens_on_this_machine_only_and_ends_with_its_workers() -> None:
    with commanded() as (process, port):
        here = psutil.Process(process.pid)
        listening = [one for one in here.net_connections("inet") if one.status == "LISTEN"]
        assert [(one.laddr.ip, one.laddr.port) for one in listening] == [("127.0.0.1", port)]
        deadline = time.monotonic() + 30
        while len(here.children()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        workers = here.children(recursive=True)
        assert len(workers) == 2
        for worker in workers:
            assert not worker.net_connections("inet")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        psutil.wait_procs(workers, 10)
        assert not any(worker.is_running() for worker in workers)
        assert free(port)


def test_a_port_that_is_taken_and_a_missing_extra_are_explained(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["app", "--no-browser", "--port", str(served.port)]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 2
    assert "cannot be used" in found.stderr
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    found = CliRunner().invoke(main, ["app", "--no-browser", "--port", "0"])
    assert found.exit_code == 2
    assert 'pip install "mih-sim[app]"' in found.stderr


# --- what the page knows of the model ----------------------------------------------------------


def test_the_page_names_inputs_of_the_registry_and_eight_levers(served: Served) -> None:
    _, found, _ = served.send("GET", "/api/model")
    assert len(found["levers"]) == 8
    for name, one in found["inputs"].items():
        entry = parameters.parameters()[name]
        assert (one["default"], one["source"]) == (entry.default, entry.source)
        assert one["label"] == {"en": entry.label, "nl": entry.label_nl}
    for name, one in found["examples"].items():
        assert sim.load(name).title == one["title"]
        assert set(one["values"]) == set(found["inputs"])


def test_a_file_of_the_page_is_one_the_command_line_accepts(served: Served) -> None:
    title = '<script>alert("x")</script>'
    asked = {"organisation": {**SMALL, "title": title}, "plans": TWO}
    found = served.answer("scenarios", asked)
    base = sim.load("baseline").replace(**SMALL["values"], **fields.OWN_NUMBERS)
    from sim.scenario import loads

    assert loads(found["base"]) == base.replace(title=title)
    assert loads(found["plan1"]) == base.replace(title=f"{title}: A", leads=2)


def test_a_spreadsheet_takes_no_name_for_a_formula(served: Served) -> None:
    plans = [{"name": "=1+1", "changes": {"leads": 2}}]
    text = served.answer("csv", {"organisation": SMALL, "plans": plans, "replicates": 21})["text"]
    assert "\n'=1+1,adoption," in text
    assert text.startswith(f"# {LABEL}; 21 runs, seed 1\n")
