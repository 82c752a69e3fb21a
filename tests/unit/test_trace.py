import numpy as np
import pytest

from sim import layout, trace
from sim.agents import Model
from sim.errors import InputError
from sim.rules import clinicians
from sim.scenario import load

BASELINE = load("baseline")


def events_of(who: trace.Who, seed: int, replicate: int) -> list[tuple[int, int]]:
    model = Model(BASELINE, seed, replicate=replicate, events=True).run()
    table = model.event_table()
    mine = (
        (table["role"] == who.role)
        & (table["organisation"] == who.organisation)
        & (table["post"] == who.post)
        & (table["place"] == who.place)
    )
    if who.role in (layout.ROLE_LEAD, layout.ROLE_CLINICIAN, layout.ROLE_PATIENT):
        news = np.isin(table["event"], (layout.WENT_LIVE, layout.STOPPED))
        mine |= news & (table["organisation"] == who.organisation)
    return sorted((int(row["week"]) + 1, int(row["event"])) for row in table[mine])


@pytest.mark.parametrize(
    "address", ["0", "0/lead/0", "0/clinician/2", "0/clinician/12/patient/3", "manager/0"]
)
def test_a_story_tells_every_event_of_its_agent_and_no_other(address: str) -> None:
    lines = trace.story(BASELINE, address, seed=1, replicate=1)
    expected = events_of(trace.parse(address), 1, 1)
    assert [line.week for line in lines[1:-1]] == [week for week, _ in expected]
    reasoned = [event for _, event in expected if event in trace.BECAUSE_OF]
    assert sum(line.reasons is not None for line in lines[1:-1]) == len(reasoned)
    for line in lines[1:-1]:
        sentence = trace.sentence(line)
        assert sentence.startswith(f"Week {line.week:>3}: ")
        assert sentence.endswith(".")


def test_following_an_agent_changes_nothing() -> None:
    plain = Model(BASELINE, 1, replicate=1, weeks=60, events=True).run()
    followed = Model(
        BASELINE, 1, replicate=1, weeks=60, events=True, agents=trace.recorders()
    ).run()
    assert plain.tape().series.tobytes() == followed.tape().series.tobytes()
    assert plain.event_table().tobytes() == followed.event_table().tobytes()


def test_the_reason_is_the_covariate_whose_reference_changes_the_rule_most() -> None:
    p = Model(BASELINE, weeks=0).p
    inputs = {
        name: trace.references(p, "start")[name]
        for name in (
            "motivation",
            "clarity",
            "fit",
            "usability",
            "skill",
            "peers",
            "overload",
            "trained",
            "resuming",
        )
    }
    at_reference = clinicians.start_hazard(p, **inputs)
    inputs |= {"peers": 0.5, "clarity": p.clarity_reference + 0.1, "overload": 0.5}
    found = trace.reasons(p, "start", inputs)
    # overload works against the event, so it is no reason; the factors are the rule's own
    assert [name for name, _ in found] == ["peers who use the platform", "a clear role"]
    without_peers = clinicians.start_hazard(p, **(inputs | {"peers": 0.0}))
    assert found[0][1] == pytest.approx(clinicians.start_hazard(p, **inputs) / without_peers)
    assert at_reference > 0


def test_ties_are_named_together_and_chance_is_called_chance() -> None:
    tied = trace.Line(3, "lapsed", (("strain", 2.0), ("overload", 1.99), ("little habit", 1.2)))
    assert "strain and overload (2.0 times as likely); also little habit" in trace.sentence(tied)
    assert "by chance" in trace.sentence(trace.Line(3, "left the post", ()))
    assert trace.sentence(trace.Line(3, "went live")) == "Week   3: went live."


def test_a_refusal_is_explained_by_what_made_acceptance_unlikely() -> None:
    p = Model(BASELINE, weeks=0).p
    inputs = {"affinity": -2.0, "fit": 0.3, "skill": 0.5}
    found = trace.reasons(p, "acceptance", inputs, unlikely=True)
    assert found[0][0] == "the patient's low digital affinity"
    assert trace.reasons(p, "acceptance", inputs) == ()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "0/nurse/1",
        "x",
        "0/clinician",
        "-1",
        "0/clinician/60",
        "5",
        "0/lead/1",
        "manager/7",
        "0/clinician/1/patient/20",
    ],
)
def test_an_agent_that_does_not_exist_is_an_error_that_says_what_does(address: str) -> None:
    with pytest.raises(InputError, match="--agent: "):
        trace.story(BASELINE, address, horizon=1)


def test_every_event_with_a_rule_has_words_for_its_covariates() -> None:
    p = Model(BASELINE, weeks=0).p
    for name in trace.RULES:
        known = set(trace.references(p, name))
        assert known >= set(trace.WORDS)
    assert set(trace.BECAUSE_OF.values()) <= set(trace.RULES)
    assert layout.EVENTS[layout.STARTED] == "started use"


def test_a_story_with_a_live_platform_says_what_is_there() -> None:
    live = {"at_start": "live", "trained_at_start": 0.5, "using_at_start": 0.5}
    told = {
        address: trace.story(BASELINE.with_values(live), address, seed=1)[0].text
        for address in ("0", "0/clinician/2", "0/clinician/20", "0/clinician/59", "0/lead/0")
    }
    assert told["0"].endswith(", live")
    assert told["0/clinician/2"].endswith(", trained, using the platform")
    assert told["0/clinician/20"].endswith(", trained")
    assert "trained" not in told["0/clinician/59"] + told["0/lead/0"]
