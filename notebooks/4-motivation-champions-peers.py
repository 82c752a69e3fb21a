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
# # 4. Motivation, champions, peers
#
# People who want it, people who go first, and people who follow. The study behind this model
# names internal motivation as a strength. Studies of doctors show that use spreads between
# colleagues.
#
# ## Objectives
#
# After this notebook you can
#
# - describe how motivation and use feed each other;
# - say what key-users (champions) bring, and what they cost;
# - switch a mechanism off to see what it does.
#
# ## Minutes
#
# 15: guess 3, run 2, explain 5, one exercise 5.

# %%
# %matplotlib inline
from budget import runs

import sim as mih
from sim.plots.compare import fans_figure

baseline = mih.load("baseline")
n = runs(full=300, small=80)

# %% [markdown]
# ## Motivation
#
# ### Predict
#
# How does adoption follow motivation: in a straight line, with a step, or flattening out?

# %%
guess = "a straight line"

# %% [markdown]
# ### Run

# %%
swept = mih.sweep(
    mih.study_of(
        baseline,
        {"motivation": [0.2, 0.35, 0.5, 0.65, 0.8]},
        replicates=runs(full=200, small=60),
        outcomes=["adoption", "motivation.clinician"],
    )
)
print(f"You guessed: {guess}.")
swept.plot("adoption")

# %% [markdown]
# ### Explain
#
# The band shows how much organisations with the same motivation differ. It is wide everywhere:
# motivation is no guarantee. Then look at motivation itself, at the end. It is not the motivation
# that people began with:

# %%
ends = swept.frame().groupby("motivation")[["motivation.clinician", "adoption"]].mean()
ends.round(2)

# %% [markdown]
# Use and support lift motivation, strain lowers it. So motivation is a cause and a result. Which
# one did you measure when you asked staff last year?

# %%
# This cell stops if the text above is no longer true of the model.
assert ends["adoption"].iloc[-1] > ends["adoption"].iloc[0]
assert ends["motivation.clinician"].is_monotonic_increasing

# %% [markdown]
# ## Peers
#
# ### Predict
#
# Colleagues who use the platform make others start, and keep them motivated. Suppose nobody
# looked at colleagues at all. Does the curve of adoption start later, rise less steeply, or end
# lower?

# %%
guess = "rises less steeply"

# %% [markdown]
# ### Run
#
# We switch the influence of peers off: both of its weights are set to 0. The project is never
# ended in these runs, so that we see how use spreads and not how projects end.

# %%
going = baseline.replace(stop_rate=0.0)
peers = mih.compare(
    {
        "with peers": going,
        "nobody looks at colleagues": going.replace(start_peers=0.0, motivation_peers=0.0),
    },
    n,
    outcomes=["adoption", "reach", "motivation.clinician"],
)
print(f"You guessed: {guess}.")
fans_figure(peers)

# %%
peers.plot()

# %% [markdown]
# ### Explain
#
# With peers the first users bring the next. That takes a while: at first there is nobody to look
# at. So a slow start is no proof of failure, and a quick start no proof of success. What could a
# manager do in the first months?

# %%
# This cell stops if the text above is no longer true of the model.
lost = peers.outcomes["adoption"].plans["nobody looks at colleagues"]
assert lost.ci_high < 0

# %% [markdown]
# ## Champions
#
# ### Predict
#
# A key-user gives an hour a week, is trained first and helps colleagues. Make one clinician in
# four a key-user instead of one in eight. How many points of adoption does it bring?

# %%
guess = 10  # points; change it

# %% [markdown]
# ### Run

# %%
champions = mih.compare(
    {"one in eight": baseline, "one in four": "more-key-users", "a second lead": "more-leads"},
    n,
    outcomes=["adoption", "reach", "go_live_week", "cost"],
)
more = champions.outcomes["adoption"].plans["one in four"]
print(
    f"You guessed {guess}. It is {100 * more.difference:.1f} "
    f"({100 * more.ci_low:.1f} to {100 * more.ci_high:.1f})."
)

# %%
champions.plot()

# %% [markdown]
# ### Explain
#
# Key-users do more than set an example: they also work on the project, so it goes live sooner.
# Can you tell from this figure how much is example and how much is work? What would you have to
# switch off? (Exercise 2.)

# %%
# This cell stops if the text above is no longer true of the model.
assert champions.outcomes["reach"].plans["one in four"].ci_low > 0
assert champions.outcomes["cost"].plans["one in four"].ci_low > 0

# %%
print(champions.label)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# Does it matter *who knows whom*? Compare `network="small-world"` (the default) with `"teams"`,
# `"random"` and `"full"`. Guess first. What would make the network matter?
#
# ### Exercise 2
#
# Part example from work: give key-users to an organisation in which nobody looks at colleagues
# (`start_peers=0.0, motivation_peers=0.0`), and compare with what they brought above.
#
# ### Exercise 3
#
# Where does more motivation help more: where the vendor is trusted, or where it is not? Try
# `trust` of 0.25 and 0.75.
