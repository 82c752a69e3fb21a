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
# # 2. Role ambiguity and diffusion of responsibility
#
# Who does what? If nobody knows, work is not done well, and some of it is not done at all:
# everybody thinks that somebody else will do it. Both were named by the people in the study
# behind this model.
#
# ## Objectives
#
# After this notebook you can
#
# - tell *role ambiguity* from *diffusion of responsibility*;
# - say why more people do not always get more done;
# - explain why both barriers share their effect.
#
# ## Minutes
#
# 15: guess 3, run 2, explain 5, one exercise 5.

# %%
# %matplotlib inline
import pandas as pd
from budget import runs

import sim as mih
from sim.rules.project import ownership

baseline = mih.load("baseline")
n = runs(full=300, small=100)

# %% [markdown]
# ## Unclear roles
#
# ### Predict
#
# In the usual organisation people are fairly clear about their role. In another they are not:
# role clarity is 30 % where it was 50 %. By how many weeks does going live get later?

# %%
guess = 4  # weeks; change it

# %% [markdown]
# ### Run
#
# Run 7 of each case has the same people and the same luck. They differ only where the case does.
# So we look at differences run by run. A run that never goes live counts as three years.

# %%
cases = mih.compare(
    {
        "usual": baseline,
        "unclear roles": "role-ambiguity",
        "somebody else will do it": "diffusion-of-responsibility",
    },
    n,
    outcomes=["go_live_week", "adoption", "live"],
)
later = cases.outcomes["go_live_week"].plans["unclear roles"]
print(
    f"You guessed {guess} weeks. It is {later.difference:.0f} "
    f"(95 % interval {later.ci_low:.0f} to {later.ci_high:.0f})."
)

# %%
cases.plot()

# %% [markdown]
# ### Explain
#
# Unclear roles act on many ways at once: an hour of work brings less, its quality is lower,
# clarity is needed to start, and not knowing what to do strains people. Diffusion acts on one way
# only: hours of the team that go to nobody's task. Which one would you tackle first? What would
# you need to know before you do?

# %%
# This cell stops if the text above is no longer true of the model.
assert later.ci_low > 0
assert cases.outcomes["adoption"].plans["unclear roles"].ci_high < 0
assert (
    later.difference > cases.outcomes["go_live_week"].plans["somebody else will do it"].difference
)

# %% [markdown]
# ## Somebody else will do it
#
# ### Predict
#
# A team of one does all that it can: there is nobody else. A team of eight, in which each counts
# on the others: which share of its hours goes to a task that somebody owns? Does the answer
# depend on how clear roles are?

# %%
guess = 80  # per cent of the hours, eight people with unclear roles; change it

# %% [markdown]
# ### Run
#
# This is one of the model's rules, without people and weeks: you ask it directly.

# %%
people = [1, 2, 4, 8]
owned = pd.DataFrame(
    {
        f"role clarity {clarity:.0%}": [ownership(many, clarity, 0.8) for many in people]
        for clarity in (0.3, 0.6, 0.9)
    },
    index=pd.Index(people, name="people in the team"),
)
print(f"You guessed {guess} %.")
owned.style.format("{:.0%}")

# %% [markdown]
# What is that in people? Multiply by the size of the team:

# %%
owned.mul(people, axis=0).round(1)

# %% [markdown]
# ### Explain
#
# A bigger team still does more, but each further person adds less. With clear roles hardly
# anything is lost, however big the team. So *clear roles* are a cure for diffusion, and *more
# people* are not.

# %%
# This cell stops if the text above is no longer true of the model.
unclear, clear = owned.columns[0], owned.columns[-1]
assert (owned[clear] - owned[unclear]).iloc[1:].min() > 0
assert owned.mul(people, axis=0)[unclear].is_monotonic_increasing

# %% [markdown]
# ## Both at once
#
# ### Predict
#
# Look at the map before you run it. Where is diffusion worst: where roles are clear, or where
# they are not?

# %%
guess = "where roles are not clear"

# %% [markdown]
# ### Run

# %%
grid = mih.sweep(
    mih.study_of(
        baseline,
        {"role_clarity": [0.2, 0.4, 0.6, 0.8], "diffusion": [0.0, 0.3, 0.6, 0.9]},
        replicates=runs(full=150, small=40),
        outcomes=["go_live_week"],
    )
)
grid.plot("go_live_week")

# %%
mean = grid.frame().pivot_table(
    index="role_clarity",
    columns="diffusion",
    values="go_live_week",
    aggfunc=lambda week: week.fillna(156).mean(),
)
loss = mean[0.9] - mean[0.0]
print("Weeks lost by strong diffusion, by role clarity:")
loss.round(1)

# %% [markdown]
# ### Explain
#
# One barrier makes the other worse. So the question "how much of the delay is due to diffusion?"
# has no single answer: it depends on whether roles are clear. Reports that give each barrier a
# share have to divide what they do together (`mih.explain` does so, and says that it did).

# %%
# This cell stops if the text above is no longer true of the model.
assert loss.min() >= 0

# %%
print(cases.label)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# Full agreements on roles are made at the start (`"role-agreements"`). How much of the loss by
# unclear roles do they win back? Compare `"role-ambiguity"` with
# `mih.load("role-ambiguity").replace(role_agreements=1.0)`.
#
# ### Exercise 2
#
# Double the number of key-users (`key_users=0.25`) where diffusion is strong (`diffusion=0.8`),
# once with unclear roles (`role_clarity=0.3`), once with clear ones (`0.8`). Where do more people
# help more?
#
# ### Exercise 3
#
# Let the model say what each of eight barriers costs: `mih.explain("role-ambiguity", 20)`. Look
# at the figure (`.plot()`) and at the intervals. Which statement can you make, and which not?
