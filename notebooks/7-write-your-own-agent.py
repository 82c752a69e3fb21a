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
# # 7. Write your own agent
#
# The model's people are classes in Python. You change what they do by writing a class of your own
# on top of theirs. Here a key-user becomes a **coaching nurse**: who uses the platform sits
# beside colleagues of the same team, and gives hours for it. Does that pay?
#
# ## Objectives
#
# After this notebook you can
#
# - write an agent as a subclass, and test that it changes what you meant and nothing else;
# - run an experiment on common luck;
# - report what it brings *and* what it costs.
#
# ## Minutes
#
# 25: guess 3, run 3, explain 9, one exercise 10. You need a little Python.

# %%
# %matplotlib inline
import pandas as pd
from budget import runs
from scipy import stats

import sim as mih
from sim.plots.uptake import uptake_figure

n = runs(full=80, small=8)

# %% [markdown]
# ## An organisation that is small enough to watch
#
# Own agents run on an engine that moves everybody one by one. It is slow, so we take a small
# department for two years. Its project is never ended, so that we see coaching and not the luck
# of projects.

# %%
department = mih.load("baseline").replace(
    title="A small department",
    shows="Three teams of eight, a quarter of them key-users.",
    clinicians=24,
    team_size=8,
    caseload=4,
    key_users=0.25,
    weeks=104,
    stop_rate=0.0,
)
usual = mih.run(department, n)
uptake_figure(usual)

# %% [markdown]
# ## First: change nothing
#
# ### Predict
#
# We replace the model's clinicians by a class that does nothing new, and let them run on the slow
# engine. How far are the results from those above?

# %%
guess = "a little, since it is another engine"

# %% [markdown]
# ### Run


# %%
class Same(mih.Clinician):
    """A clinician like any other."""


same = mih.run(department, 3, agents={mih.Clinician: Same})
pd.testing.assert_frame_equal(same.frame(), usual.frame().head(3))
print(f"You guessed: {guess}. There is no difference, to the last digit.")

# %% [markdown]
# ### Explain
#
# Chance is not drawn one number after the other. Each number belongs to a person and a purpose.
# So two versions of the model have the same luck as long as they do the same. Whatever differs
# below is your agent's doing. Always make this test first.
#
# ## The coaching nurse
#
# ### Predict
#
# A clinician with a coach in the team starts as if skilled and sure of the task. Coaching takes
# two hours a week of the nurse who coaches. What happens to adoption, to strain, to cost?

# %%
guess = {"adoption": "up", "strain.clinician": "up", "cost": "up"}  # up or down; change it

# %% [markdown]
# ### Run
#
# `super()` is what the model does anyway. A method that begins the week (such as `start_inputs`)
# may look at others: they still show last week's state, so nobody is first.


# %%
class CoachingNurse(mih.Clinician):
    """A key-user who uses the platform coaches the colleagues of the same team."""

    coaching_hours = 2.0  # a week, of the nurse who coaches

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


coaching = department.replace(title="The same department with coaching nurses")
coached = mih.run(coaching, n, agents={mih.Clinician: CoachingNurse})
uptake_figure(coached)

# %% [markdown]
# The two charts look alike: organisations differ much more from each other than coaching changes
# any of them. Luck is common, so we take differences run by run.


# %%
def gap(result: mih.Result, name: str) -> dict[str, float]:
    """Return the mean difference from the usual department, with its 95 % interval."""
    gaps = result.frame()[name] - usual.frame()[name]
    low, high = stats.ttest_1samp(gaps, 0.0).confidence_interval()
    return {"usual": usual.frame()[name].mean(), "difference": gaps.mean(), "from": low, "to": high}


gaps = pd.DataFrame(
    {
        name: gap(coached, name)
        for name in ("adoption", "reach", "strain.clinician", "load.clinician", "cost")
    }
).T
print(f"You guessed: {guess}.")
gaps.round(3)

# %% [markdown]
# ### Explain
#
# - If the interval of adoption lies above 0, coaching works *in this model*. You built in that it
#   does: a coach lends skill and clarity. What the experiment adds is the size, and the price.
# - Who pays? Strain and load rise for those who coach, and they are the ones the project can
#   least do without.
# - What would you measure in a real team, to know whether 0.6 and 0.7 are right?

# %%
# This cell stops if the text above is no longer true of the model.
assert gaps.loc["adoption", "to"] > 0
assert gaps.loc["cost", "from"] > 0
assert gaps.loc["load.clinician", "difference"] > 0

# %% [markdown]
# ## Look inside
#
# One run, week by week, agent by agent. Who coaches in the last week, and who has a coach?

# %%
model = mih.Model(department, seed=1, replicate=4, agents={mih.Clinician: CoachingNurse}).run()
people = model.organisations[0].clinicians
pd.DataFrame(
    {
        "team": [one.team_number for one in people],
        "coaches": [one.coaches() for one in people],
        "has a coach": [one.has_coach() for one in people],
        "uses the platform": [one.guides() for one in people],
    }
).groupby("team").sum()

# %% [markdown]
# A picture of one moment proves nothing. But it shows mistakes: a nurse who coaches without using
# the platform, a team that has a coach and should have none.

# %%
# This cell stops if the text above is no longer true of the model.
assert all(one.key_user and one.guides() for one in people if one.coaches())

# %%
print(coached.label)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# What if coaching takes six hours a week? Write `class Busy(CoachingNurse)` with another
# `coaching_hours`, and look at strain and at adoption. When would you stop coaching?
#
# ### Exercise 2
#
# Coaching also keeps people on board: let it act on `lapse_inputs` (a coach gives `"support"`).
# Does that bring more than help at the start?
#
# ### Exercise 3
#
# Write a `Sceptic` who starts half as easily unless most colleagues (`self.peers`) use the
# platform already. Guess first: is there a later wave, or none?
