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
# # 6. Sensitivity of a stochastic model, and how to fool yourself
#
# Which input decides the outcome? With a model full of chance it is easy to get a clear answer
# that is wrong. Here you fall into five traps, and climb out again.
#
# ## Objectives
#
# After this notebook you can
#
# - tell a difference from chance, and say how many runs it takes;
# - say what changing one input at a time does not show;
# - read Sobol' indices, the share of chance, and use a dummy as a test.
#
# ## Minutes
#
# 20: guess 4, run 3, explain 8, one exercise 5.

# %%
# %matplotlib inline
import numpy as np
from budget import runs
from SALib.analyze import sobol as usual_analysis
from SALib.sample import sobol as usual_sample

import sim as mih
from sim.experiment.sensitivity.figures import shown_of
from sim.plots.sensitivity.drivers import drivers_figure
from sim.plots.sensitivity.indices import indices_figure

baseline = mih.load("baseline")

# %% [markdown]
# ## Trap 1: chance taken for a cause
#
# ### Predict
#
# Two plans, ten runs each. The second one has 8 points more adoption. Is it better?

# %%
guess = "yes"  # or no, or cannot be said

# %% [markdown]
# ### Run
#
# Both "plans" are the baseline. Only luck differs. We draw many such pairs.

# %%
pool = mih.run(baseline, runs(full=400, small=200)).frame()["adoption"].to_numpy()
groups = pool.reshape(-1, 10).mean(axis=1)
pairs = np.abs(groups[::2] - groups[1::2])
print(f"You said: {guess}.")
print(
    f"Of {len(pairs)} pairs of plans that are the same,"
    f" {np.mean(pairs > 0.08):.0%} differ by more than 8 points."
)
print(f"The largest 'effect' of nothing: {100 * pairs.max():.0f} points.")

# %% [markdown]
# ### Explain
#
# Nobody lied, and no number is wrong. There were too few runs for the question. How large would a
# difference have to be to convince you with ten runs each?

# %%
# This cell stops if the text above is no longer true of the model.
assert np.mean(pairs > 0.08) > 0.1

# %% [markdown]
# ## Trap 2: too few runs
#
# ### Predict
#
# A second lead brings a few points. How many runs of each plan does it take to know the
# difference to within 3 points: 20, 100, 500?

# %%
guess = 100  # runs; change it

# %% [markdown]
# ### Run
#
# Two ways. With *independent* luck, each plan has its own people. With *common* luck, run 7 of
# both plans has the same people, and only the difference between the plans is left.

# %%
second = mih.compare(
    {"one lead": baseline, "two leads": "more-leads"},
    runs(full=400, small=100),
    outcomes=["adoption"],
)
entry = second.outcomes["adoption"].plans["two leads"]
for luck, spread in (
    ("common", entry.se),
    ("independent", entry.se * entry.variance_reduction**0.5),
):
    needed = entry.n * (1.96 * spread / 0.03) ** 2
    print(f"{luck} luck: about {needed:,.0f} runs of each plan")
print(f"You guessed {guess}.")

# %% [markdown]
# ### Explain
#
# Same model, same question, a fraction of the work. This only helps for differences. It does not
# help to know the level of one plan. And the number needed was itself computed from runs: with
# few runs it is rough.

# %%
# This cell stops if the text above is no longer true of the model.
assert entry.variance_reduction > 1.5

# %% [markdown]
# ## Trap 3: one input at a time
#
# ### Predict
#
# We move motivation, workload and trust, each alone, from a bad to a good value. Once from the
# baseline, once from an organisation that is trusted little and has much to do. Does motivation
# come out as large in both?

# %%
guess = "about the same"

# %% [markdown]
# ### Run

# %%
moved = {"motivation": [0.26, 0.74], "workload": [1.16, 0.84], "trust": [0.35, 0.75]}
starts = {"baseline": baseline, "a hard place": baseline.replace(trust=0.35, workload=1.16)}
one_at_a_time = {
    name: mih.sweep(
        mih.study_of(
            start, moved, design="oat", replicates=runs(full=100, small=40), outcomes=["adoption"]
        )
    )
    for name, start in starts.items()
}
one_at_a_time["baseline"].plot("adoption")

# %%
one_at_a_time["a hard place"].plot("adoption")

# %%
effect = {}
for name, swept in one_at_a_time.items():
    level = swept.frame().groupby("motivation")["adoption"].mean()
    effect[name] = level.loc[0.74] - level.loc[0.26]
    print(f"{name}: motivation from low to high moves adoption by {100 * effect[name]:.0f} points")
print(f"You guessed: {guess}.")

# %% [markdown]
# ### Explain
#
# The effect of an input depends on where the others stand. One at a time shows one corner of the
# room. If you had started from the hard place, you would have told your board that motivation
# hardly matters.

# %%
# This cell stops if the text above is no longer true of the model.
assert effect["a hard place"] < effect["baseline"]

# %% [markdown]
# ## Trap 4: the usual tool on a noisy model
#
# Sobol' indices move all inputs at once, and divide the variance of the outcome between them.
# Among our inputs is a **dummy**: the optimal load is read by no rule of the baseline. It changes
# nothing, in any run.
#
# ### Predict
#
# Which share does the usual tool give to the dummy?

# %%
guess = 0  # per cent; change it

# %% [markdown]
# ### Run
#
# The usual way: one run for each point, each with luck of its own, and the usual formula.

# %%
ranges = {
    "motivation": [0.2, 0.8],
    "workload": [0.8, 1.25],
    "trust": [0.25, 0.85],
    "load_optimum": [0.6, 0.95],
}
problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": list(ranges.values())}
points = usual_sample.sample(problem, runs(full=64, small=32), calc_second_order=False, seed=1)
noisy = [
    mih.run(
        baseline.replace(**dict(zip(ranges, point.tolist(), strict=True))), 1, first_replicate=k
    )
    .summary()["adoption"]
    .mean
    for k, point in enumerate(points)
]
usual = usual_analysis.analyze(problem, np.array(noisy), calc_second_order=False, seed=1)
naive = dict(zip(ranges, usual["ST"], strict=True))
print(f"You guessed {guess} % for the dummy. Total effects by the usual tool:")
for name, share in naive.items():
    print(f"{name:>12}: {share:.0%}")

# %% [markdown]
# Now a method that is made for chance: several runs of each point, products of *different* runs
# in which noise cancels, and chance as a share of its own.

# %%
study = mih.study_of(
    baseline,
    {name: {"prior": ["uniform", *ends]} for name, ends in ranges.items()},
    design="sobol",
    points=16,
    outcomes=["adoption"],
)
found = mih.sensitivity(study, scrambles=runs(full=8, small=2), replicates=4, split=0)
shown = shown_of(found)
indices_figure(shown, 0)

# %% [markdown]
# ### Explain
#
# The usual formula takes *any* difference between two runs for the doing of an input. With
# independent luck all runs differ, so everything seems to matter, most of all through
# "interactions". The dummy gives it away. Put one into each of your own analyses.

# %%
# This cell stops if the text above is no longer true of the model.
honest = found.frame().set_index("factor")["total"]
assert naive["load_optimum"] > 0.2
assert abs(honest["load_optimum"]) < 1e-9

# %% [markdown]
# ## Trap 5: forgetting what nobody drives
#
# ### Predict
#
# Of all the difference between single organisations in adoption, which share is down to the three
# inputs together, and which to chance?

# %%
guess = 30  # per cent chance; change it

# %% [markdown]
# ### Run

# %%
noise = found.indices.table.noise
print(
    f"You guessed {guess} %. Chance: {noise.value[0]:.0%} "
    f"(95 % interval {noise.low[0]:.0%} to {noise.high[0]:.0%})."
)
drivers_figure(shown)

# %%
print(*found.sentences(), sep="\n")

# %% [markdown]
# ### Explain
#
# "Motivation explains so much of the variance" is a sentence about averages over luck. About a
# single organisation the largest part may be that nobody can know in advance. Both are true.
# Which one does your audience hear?
#
# Read the three lights at the end of the sentences. If one is red, more runs are needed before
# that kind of statement (which may be left out; which comes first; how much exactly). With a
# small budget they are red, and should be.

# %%
# This cell stops if the text above is no longer true of the model.
assert noise.value[0] > 0.4

# %%
print(found.label)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# "Then I average four runs at each point." Do so in trap 4. What happens to the dummy? How many
# runs would it take?
#
# ### Exercise 2
#
# Make the range of motivation half as wide (0.35 to 0.65) and run `mih.sensitivity` again. What
# happens to its share? What does that say about "the most important factor"?
#
# ### Exercise 3
#
# Screen the same study with Morris' method: `mih.screen(study, "morris", points=16,
# replicates=4)`. Compare `mu_star` with its `floor` (`.frame()`). Which inputs would you keep?
