"""Targets: the shipped file is complete and sourced; hostile files are answered line by line."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.calibrate.reading import SOURCED
from sim.experiment.calibrate.summaries import SUMMARIES
from sim.experiment.calibrate.targets import FIT, HELD_OUT, Target, loads_targets, targets
from sim.parameters import parameters

GOOD = """[share_live]
pattern = "going live"
label = "Organisations that go live"
use = "fit"
low = 0.6
high = 1.0
unit = "share"
transform = "logit"
definition = "Of all organisations, the share that ever goes live."
source = "doi 10.1186/s13012-023-01285-0"
caveat = "Other programmes."
"""
IDENTIFIER = re.compile(r"10\.\d{4,9}/[^\s,;)]+|PMC\d+|https://[^\s,;)]+")


def changed(line: str, by: str) -> str:
    assert line in GOOD
    return GOOD.replace(line, by)


def complaints(text: str) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        loads_targets(text, "mine.toml")
    return caught.value.messages


def target(**fields: object) -> Target:
    made = loads_targets(GOOD)[0]
    values = {name: getattr(made, name) for name in Target.__slots__}
    return Target(**{**values, **fields})  # type: ignore[arg-type]


# What is shipped.


def test_every_summary_has_a_target_and_every_target_a_summary() -> None:
    names = [one.name for one in targets()]
    assert sorted(names) == sorted(SUMMARIES)
    assert len(set(names)) == len(names)


def test_the_six_patterns_are_there_four_to_fit_and_two_held_out() -> None:
    assert len({one.pattern for one in targets() if one.use == FIT}) == 4
    assert len({one.pattern for one in targets() if one.use == HELD_OUT}) == 2


@pytest.mark.parametrize("one", targets(), ids=lambda one: one.name)
def test_a_target_says_where_it_is_from_and_what_it_is_worth(one: Target) -> None:
    assert SOURCED.search(one.source)
    assert len(one.definition) > 30
    assert len(one.caveat) > 15
    assert one.value is None or one.holds(one.value)
    if one.use == FIT and one.value is not None:
        assert one.standard_error() is not None, "a fit needs to know how sure the number is"


def identifiers(texts: list[str]) -> set[str]:
    return {found.rstrip(".") for text in texts for found in IDENTIFIER.findall(text)}


def test_no_source_is_both_fitted_and_held_out() -> None:
    fitted = identifiers([one.source for one in targets() if one.use == FIT])
    held_out = identifiers([one.source for one in targets() if one.use == HELD_OUT])
    assert fitted
    assert held_out
    assert not fitted & held_out


def test_no_source_of_a_parameter_is_held_out() -> None:
    texts = [text for entry in parameters().values() for text in (entry.reference, entry.note)]
    held_out = identifiers([one.source for one in targets() if one.use == HELD_OUT])
    assert not held_out & identifiers(texts)
    assert not any(name in text for name in ("Garner", "Bennett-Levy") for text in texts)


# What a target knows.


def test_the_sampling_error_of_a_share_is_binomial_on_the_scale_of_the_fit() -> None:
    share = target(value=0.64, n=100)
    assert share.standard_error() == pytest.approx(1 / math.sqrt(100 * 0.64 * 0.36))
    plain = target(value=0.64, n=100, transform="none")
    assert plain.standard_error() == pytest.approx(0.048)
    months = target(value=8.0, se=2.0, unit="months", transform="log")
    assert months.standard_error() == pytest.approx(0.25)


def test_bounds_have_no_sampling_error_and_neither_has_a_count_without_a_share() -> None:
    assert target().standard_error() is None
    assert target(n=100).standard_error() is None
    assert target(value=8.0, n=100, unit="months", transform="log").standard_error() is None


def test_scales_end_where_they_end() -> None:
    logit, log, none = (target(transform=one) for one in ("logit", "log", "none"))
    assert logit.scaled(0.5) == 0.0
    assert (logit.scaled(0.0), logit.scaled(1.0)) == (-math.inf, math.inf)
    assert (log.scaled(1.0), log.scaled(0.0)) == (0.0, -math.inf)
    assert none.scaled(-3.0) == -3.0


def test_bounds_include_their_ends_and_no_nan() -> None:
    one = target(low=0.6, high=math.inf)
    assert one.holds(0.6)
    assert one.holds(1e9)
    assert not one.holds(0.59)
    assert not one.holds(math.nan)


# Hostile files.


def test_a_good_file_is_read() -> None:
    (one,) = loads_targets(GOOD)
    assert (one.name, one.low, one.high, one.value) == ("share_live", 0.6, 1.0, None)
    half = changed("low = 0.6\n", "")
    assert loads_targets(half)[0].low == -math.inf


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (changed("[share_live]", "[share_life]"), 1, "no such summary; did you mean share_live?"),
        (changed("[share_live]\n", "share_live = 3\n[month_12]\n"), 1, "must be a table (found 3)"),
        (GOOD + "lowe = 0.2\n", 12, "share_live.lowe: unknown; did you mean low?"),
        (changed('unit = "share"\n', ""), 1, "share_live.unit: missing"),
        (changed('use = "fit"', 'use = "fitt"'), 4, 'did you mean "fit"?'),
        (changed('transform = "logit"', 'transform = "probit"'), 8, "allowed none, log, logit"),
        (changed('use = "fit"', "use = 1"), 4, "must be text (found 1)"),
        (changed('label = "Organisations that go live"', 'label = " "'), 3, "label: empty"),
        (changed("that go live", "that\\u202e go live"), 3, "invisible character U+202E"),
        (changed("Other programmes.", "x" * 401), 11, "too long (found 401 characters"),
        (changed("doi 10.1186/s13012-023-01285-0", "a study"), 10, "names no DOI, PMC number"),
        (changed("low = 0.6", "low = true"), 5, "must be a number (found true)"),
        (changed("low = 0.6", 'low = "0.6"'), 5, 'must be a number (found "0.6")'),
        (changed("low = 0.6", "low = nan"), 5, "must be finite (found nan)"),
        (changed("high = 1.0", "high = inf"), 6, "leave it out for no bound"),
        (changed("low = 0.6", "low = -0.1"), 5, "out of range (found -0.1, allowed 0 to 1)"),
        (changed("low = 0.6", "low = 1.0"), 5, "must be below high (found 1.0 and 1.0)"),
        (changed("low = 0.6\nhigh = 1.0\n", ""), 1, "has neither low nor high"),
        (GOOD + "value = 0.5\n", 12, "the published value lies outside low to high (found 0.5)"),
        (GOOD + "value = 1.0\n", 12, "has no logit (found 1.0"),
        (GOOD + "n = 0\n", 12, "n: must be a whole number from 1 (found 0)"),
        (GOOD + "n = 2.5\n", 12, "n: must be a whole number from 1 (found 2.5)"),
        (GOOD + "se = 0.0\n", 12, "se: must be above 0 (found 0.0)"),
        (GOOD + "low = 0.5\n", 12, "given twice (first in line 5)"),
        (GOOD + "n = \n", 12, "not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, says: str) -> None:
    (message,) = complaints(text)
    assert message.startswith(f"mine.toml:{line}: ")
    assert says in message


def test_all_problems_come_at_once_in_the_order_of_the_lines() -> None:
    text = changed("low = 0.6", "low = 2").replace('"fit"', '"fits"') + "extra = 1\n"
    found = complaints(text + "\n[nothing_of_ours]\n")
    assert [message.split(":")[1] for message in found] == ["4", "12", "14"]
    numbers = complaints(changed("low = 0.6", "low = nan") + "n = -1\nse = inf\n")
    assert [message.split(":")[1] for message in numbers] == ["5", "12", "13"]


def test_an_empty_file_is_refused() -> None:
    assert "empty" in complaints("")[0]


@settings(max_examples=200, deadline=None)
@given(
    line=st.integers(1, 10),
    value=st.one_of(
        st.text(max_size=20).map(repr),
        st.floats().map(str),
        st.integers().map(str),
        st.sampled_from(
            ["[]", "{}", "[[1]]", "true", "1979-05-27", "{ a = 1 }", "''", '"\\ud800"']
        ),
    ),
)
def test_any_value_anywhere_is_taken_or_refused_with_words(line: int, value: str) -> None:
    lines = GOOD.splitlines()
    lines[line] = f"{lines[line].split(' = ')[0]} = {value}"
    try:
        (one,) = loads_targets("\n".join(lines), "mine.toml")
    except InputError as error:
        assert all(message.startswith("mine.toml:") for message in error.messages)
    else:
        assert one.low < one.high
