"""What became of trained staff a year later, person by person, from the table of events.

Follows Garner 2012 (doi 10.1016/j.jsat.2011.10.016): staff trained in a practice that can be
delivered are competent and in post, in post and not competent, or gone. Competent is read as using
the platform. The year begins when a clinician both is trained and works where the platform is live.
"""

import numpy as np
from numpy.typing import NDArray

from sim import layout
from sim.simulate import Result

COMPETENT, NOT_COMPETENT, LEFT = 0, 1, 2
"""Columns: using and in post, in post and not using, left the post within the year."""

YEAR = 52
NEVER = np.iinfo(np.int64).max // 2


def fates_of(result: Result) -> NDArray[np.int64]:
    """Return how many trained clinicians of each organisation met each fate, (organisations, 3).

    Counted are those in post at the beginning of their year who can be followed to its end.
    Raises ValueError if the result holds no events.
    """
    if result.events is None:
        raise ValueError("fates need a table of events")
    events = result.events[np.argsort(result.events["week"], kind="stable")]
    organisation = (events["replicate"] - result.first_replicate).astype(np.int64)
    live = np.full(result.replicates, NEVER)
    went_live = events["event"] == layout.WENT_LIVE
    # Team by team there are several; the first counts, so that it is written last.
    live[organisation[went_live][::-1]] = events["week"][went_live][::-1]

    staff = events["role"] == layout.ROLE_CLINICIAN
    events, organisation = events[staff], organisation[staff]
    people, who = _people(events, organisation)
    begin = np.maximum(_week_of(events, who, len(people), layout.TRAINED), live[people])
    end = begin + YEAR
    left = _week_of(events, who, len(people), layout.LEFT_POST)
    counted = (left > begin) & (end < result.weeks)
    fate = np.where(left <= end, LEFT, np.where(_using(events, who, end), COMPETENT, NOT_COMPETENT))
    found = np.zeros((result.replicates, 3), np.int64)
    np.add.at(found, (people[counted], fate[counted]), 1)
    return found


def _people(
    events: NDArray[np.void], organisation: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each person's organisation, and which person each event is about."""
    triples = np.stack([organisation, events["post"], events["occupant"]], axis=1)
    found, who = np.unique(triples, axis=0, return_inverse=True)
    return found[:, 0], who.ravel()


def _week_of(
    events: NDArray[np.void], who: NDArray[np.int64], people: int, event: int
) -> NDArray[np.int64]:
    """Return the week of an event that happens once to a person, NEVER if it did not."""
    weeks = np.full(people, NEVER)
    happened = events["event"] == event
    weeks[who[happened]] = events["week"][happened]
    return weeks


def _using(
    events: NDArray[np.void], who: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether each person uses the platform at the end of a week; events in their order."""
    using = np.zeros(len(end), np.bool_)
    begins = np.isin(events["event"], (layout.STARTED, layout.RESUMED))
    changes = (begins | (events["event"] == layout.LAPSED_USE)) & (events["week"] <= end[who])
    using[who[changes]] = begins[changes]  # the last of several stays
    return using
