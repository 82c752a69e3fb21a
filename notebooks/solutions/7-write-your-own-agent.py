# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Solutions to 7. Write your own agent

# %%
# %matplotlib inline
import sys

sys.path.append("..")
import pandas as pd
from budget import runs
from scipy import stats

import sim as mih
from sim.plots.uptake import uptake_figure

n = runs(full=30, small=4)
department = mih.load("baseline").replace(
    title="A small department",
    clinicians=24,
    team_size=8,
    caseload=4,
    key_users=0.25,
    weeks=104,
    stop_rate=0.0,
)
usual = mih.run(department, n).frame()


class CoachingNurse(mih.Clinician):
    """A key-user who uses the platform coaches the colleagues of the same team."""

    coaching_hours = 2.0

    def coaches(self) -> bool:
        """Say whether this person coaches: a key-user in post who uses the platform."""
        return self.key_user and self.guides()

    def has_coach(self) -> bool:
        """Say whether somebody else in the team coaches."""
        team = [one for one in self.organisation.key_users if one.team is self.team]
        return any(one.coaches() for one in team if one is not self)

    def start_inputs(self) -> dict[str, float]:
        """Start as if skilled, and sure of the task, with a coach at hand."""
        seen = super().start_inputs()
        if self.has_coach():
            seen["skill"] = max(seen["skill"], 0.6)
            seen["clarity"] = max(seen["clarity"], 0.7)
        return seen

    def spend_hours(self, using: bool, trains: bool) -> None:
        """Add the hours of coaching to work and cost."""
        super().spend_hours(using, trains)
        if self.coaches():
            self.hours += self.coaching_hours
            self.hours_paid += self.coaching_hours
            self.next_load += self.coaching_hours / self.model.p.contract_hours


def with_own(kind: type[mih.Clinician]) -> mih.Result:
    """Run the department with clinicians of this class."""
    named = department.replace(title=f"{department.title}: {kind.__name__}")
    return mih.run(named, n, agents={mih.Clinician: kind})


def effect(result: mih.Result) -> pd.DataFrame:
    """Return the mean difference from the usual department, with its 95 % interval."""
    own, rows = result.frame(), {}
    for name in ("adoption", "sustained_adoption", "strain.clinician", "cost"):
        gaps = own[name] - usual[name]
        low, high = stats.ttest_1samp(gaps, 0.0).confidence_interval()
        rows[name] = {"difference": gaps.mean(), "from": low, "to": high}
    return pd.DataFrame(rows).T


# %% [markdown]
# ## Exercise 1


# %%
class Busy(CoachingNurse):
    """Coaches for six hours a week."""

    coaching_hours = 6.0


usual_coach, busy = effect(with_own(CoachingNurse)), effect(with_own(Busy))
pd.concat({"two hours": usual_coach, "six hours": busy}, axis=1).round(3)

# %%
assert busy.loc["cost", "difference"] > usual_coach.loc["cost", "difference"]
assert (
    busy.loc["strain.clinician", "difference"] > usual_coach.loc["strain.clinician", "difference"]
)

# %% [markdown]
# In this class more hours do no more good: a coach is a coach. So six hours only cost and strain.
# If you think that longer coaching helps more, write that down as a rule first, then look. A
# model cannot tell you what you did not put in.
#
# ## Exercise 2


# %%
class Keeper(CoachingNurse):
    """Coaches also keep colleagues from stopping."""

    def lapse_inputs(self) -> dict[str, float]:
        """See more support with a coach at hand."""
        seen = super().lapse_inputs()
        if self.has_coach():
            seen["support"] = max(seen["support"], 0.8)
        return seen


keeper = effect(with_own(Keeper))
pd.concat({"help at the start": usual_coach, "and later": keeper}, axis=1).round(3)

# %% [markdown]
# Compare the intervals before you speak of more or less. Support that an organisation has already
# cannot be given twice: the class takes the larger of both.
#
# ## Exercise 3


# %%
class Sceptic(mih.Clinician):
    """Starts half as easily, unless most colleagues use the platform already."""

    def start_hazard(self) -> float:
        """Return the weekly hazard of starting, halved for want of colleagues."""
        hazard = super().start_hazard()
        return hazard if self.peers > 0.5 else 0.5 * hazard


sceptics = with_own(Sceptic)
sceptic = effect(sceptics)
sceptic.round(3)

# %%
uptake_figure(sceptics)

# %%
assert sceptic.loc["adoption", "difference"] < 0

# %% [markdown]
# A crowd that waits for itself: adoption is lower after the same time. Whether a later wave comes
# depends on whether use ever gets past one half, which differs from run to run. Longer runs
# (`weeks=156`) show more of it.
