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
# # 3. Workload: worse before better
#
# A new way of working costs time before it gives any back. Clinicians who are full already feel
# it most. Whether it ever gets better is a question of its own.
#
# ## Objectives
#
# After this notebook you can
#
# - say what a new platform costs in hours, and when;
# - tell "worse before better" from "worse, and stays so";
# - explain why the people with least time are asked most.
#
# ## Minutes
#
# 15: guess 3, run 2, explain 5, one exercise 5.

# %%
# %matplotlib inline
import pandas as pd
from budget import runs
from scipy import stats

import sim as mih

baseline = mih.load("baseline")
n = runs(full=400, small=80)

# %% [markdown]
# ## Too much work
#
# ### Predict
#
# In one organisation people have as much work as hours. In another they have 15 % more than that.
# Of 100 clinicians in the first, a number use the platform after three years. How many of these
# are left in the second: all, half, a quarter?

# %%
guess = 75  # per cent of the first organisation's users; change it

# %% [markdown]
# ### Run

# %%
full = mih.compare(
    {"as much as hours": baseline, "15 % more": "overload"},
    n,
    outcomes=["adoption", "strain.clinician", "go_live_week"],
)
usual, over = (full.outcomes["adoption"].plans[name].mean for name in full.plans)
print(
    f"You guessed {guess} %. It is {100 * over / usual:.0f} %:"
    f" {usual:.0%} of clinicians, and {over:.0%}."
)

# %%
full.plot()

# %% [markdown]
# ### Explain
#
# Overload acts in several places: tired people start less often, stop sooner, and leave. And it
# needs no ill will. Who in your organisation would say "they resist change"? What would you
# answer?

# %%
# This cell stops if the text above is no longer true of the model.
assert full.outcomes["adoption"].plans["15 % more"].ci_high < 0
assert full.outcomes["strain.clinician"].plans["15 % more"].ci_low > 0

# %% [markdown]
# ## Worse before better?
#
# Now an organisation whose project is never ended, so that we see the hours and not the luck of
# projects. Two cases: working online saves no time, which is what therapists report when they are
# asked; or it replaces a part of sessions, a quarter of an hour a week for each patient on the
# platform.
#
# ### Predict
#
# Draw two lines on paper: a clinician's load over three years, in either case. Where do they
# part?

# %%
guess = 52  # the week in which they part; change it

# %% [markdown]
# ### Run

# %%
kept_on = {"stop_rate": 0.0}
cases = {
    "saves no time": baseline.replace(**kept_on),
    "replaces a part of sessions": mih.load("sessions-replaced").replace(**kept_on),
}
found = {name: mih.run(case, n).weekly_frame() for name, case in cases.items()}
load = {
    name: weeks.pivot(index="week", columns="replicate", values="load_clinician")
    for name, weeks in found.items()
}
lines = pd.DataFrame({name: runs_of.mean(axis=1) for name, runs_of in load.items()})
axes = lines.plot(
    style=["-", "--"],
    color=["#0072B2", "#D55E00"],
    ylabel="work / contract hours of a clinician",
    title="Load of clinicians, mean over runs",
    figsize=(8, 4),
)
before = lines.loc[13:26].to_numpy().mean()
axes.axhline(before, color="#767676", linewidth=1, linestyle=":")
_ = axes.annotate("before going live", (121, before), xytext=(0, 3), textcoords="offset points")

# %% [markdown]
# Look at the numbers at the side: the axis does not begin at 0. The change is small beside the
# work people have anyway, but it is there each week. Two things are not the platform: in the
# first weeks posts fall vacant and colleagues cover for them; and after two years the project
# ends, and with it the protected hours that it gave.
#
# How sure is it? In each run we take the load of some weeks minus that of weeks 13 to 26, before
# the platform goes live, and look at these differences.


# %%
def change(name: str, first: int, last: int) -> tuple[float, float, float]:
    """Return the mean change in load since before going live, with its 95 % interval."""
    runs_of = load[name]
    gaps = runs_of.loc[first:last].mean() - runs_of.loc[13:26].mean()
    low, high = stats.ttest_1samp(gaps, 0.0).confidence_interval()
    return 100 * gaps.mean(), 100 * low, 100 * high


rows = {
    (name, when): change(name, first, last)
    for name in cases
    for when, (first, last) in {
        "just after going live": (45, 60),
        "in the last year": (105, 156),
    }.items()
}
changes = pd.DataFrame(rows, index=["change, % of contract hours", "from", "to"]).T
changes.round(2)

# %% [markdown]
# ### Explain
#
# Both start alike: learning takes time, and so does training. One line comes down again; the
# other does not. *Worse before better* is a promise. It holds only if online work takes the place
# of something. Who decides about that, and when?

# %%
# This cell stops if the text above is no longer true of the model.
assert (changes.xs("just after going live", level=1)["from"] > 0).all()
assert changes.loc[("saves no time", "in the last year"), "from"] > 0
assert changes.loc[("replaces a part of sessions", "in the last year"), "to"] < 0

# %% [markdown]
# ## Who has too little time?
#
# ### Predict
#
# Whose load rises most during the project: the clinicians', the project lead's, or that of the
# vendor's manager?

# %%
guess = "the project lead"

# %% [markdown]
# ### Run

# %%
weeks = (
    found["saves no time"].groupby("week")[["load_clinician", "load_lead", "load_manager"]].mean()
)
year = ((weeks.index - 1) // 26).map(lambda half: f"half-year {half + 1}")
print(f"You guessed: {guess}. Load (1 = as much work as hours):")
weeks.rename(columns=lambda name: name.removeprefix("load_")).groupby(year).mean().round(2)

# %% [markdown]
# ### Explain
#
# The hours agreed at the start are hours for the plan. The real work is more, and lies in the
# first year. A few people carry it. What happens to the project if one of them leaves?

# %%
# This cell stops if the text above is no longer true of the model.
first_year = weeks.loc[1:52].mean()
assert first_year["load_clinician"] < min(first_year["load_lead"], first_year["load_manager"])

# %%
print(full.label)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# Give every clinician protected time (`"protected-time"`). Compare it with the usual
# organisation: adoption, reach, cost. What does it bring, what does it cost, and how sure are you
# of either?
#
# ### Exercise 2
#
# Give protected time where it should matter most: in the overloaded organisation
# (`mih.load("overload").replace(protected_hours=1.5)`). Does it bring more there?
#
# ### Exercise 3
#
# How much overload is too much? Sweep the workload: `mih.sweep(mih.study_of(baseline,
# {"workload": [0.8, 0.9, 1.0, 1.1, 1.2]}, replicates=100)).plot("adoption")`. Is there a
# threshold, or a slope?
