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
# # Solutions to 6. Sensitivity of a stochastic model

# %%
# %matplotlib inline
import sys

sys.path.append("..")
import numpy as np
from budget import runs
from SALib.analyze import sobol as usual_analysis
from SALib.sample import sobol as usual_sample

import sim as mih
from sim.experiment.sensitivity.figures import shown_of, shown_of_screened
from sim.plots.sensitivity.indices import indices_figure
from sim.plots.sensitivity.screening import morris_figure

baseline = mih.load("baseline")
ranges = {
    "motivation": [0.2, 0.8],
    "workload": [0.8, 1.25],
    "trust": [0.25, 0.85],
    "load_optimum": [0.6, 0.95],
}

# %% [markdown]
# ## Exercise 1
#
# Four runs of each point, with luck of its own. We take the first, average the first two, and all
# four.

# %%
problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": list(ranges.values())}
points = usual_sample.sample(problem, runs(full=64, small=24), calc_second_order=False, seed=1)
values = np.array(
    [
        mih.run(
            baseline.replace(**dict(zip(ranges, point.tolist(), strict=True))),
            4,
            first_replicate=4 * k,
        ).frame()["adoption"]
        for k, point in enumerate(points)
    ]
)
dummy = {}
for many in (1, 2, 4):
    usual = usual_analysis.analyze(
        problem, values[:, :many].mean(axis=1), calc_second_order=False, seed=1
    )
    dummy[many] = dict(zip(ranges, usual["ST"], strict=True))["load_optimum"]
    print(f"{many} runs averaged: the dummy gets {dummy[many]:.0%}")
assert dummy[4] > 0.05

# %% [markdown]
# With R runs the noise that is left is 1/R of the noise. So the dummy gets less the more runs are
# averaged, but it never gets nothing. (With few points the shares are rough themselves, and need
# not fall at every step.) To bring the dummy down to 1 % you would need some hundred runs of
# every point. Products of different runs need two.
#
# ## Exercise 2


# %%
def analysed(motivation: list[float]) -> mih.Sensitivity:
    """Return what drives adoption, with this range of motivation."""
    changed = ranges | {"motivation": motivation}
    study = mih.study_of(
        baseline,
        {name: {"prior": ["uniform", *ends]} for name, ends in changed.items()},
        design="sobol",
        points=16,
        outcomes=["adoption"],
    )
    return mih.sensitivity(study, scrambles=runs(full=5, small=2), replicates=4, split=0)


wide, narrow = analysed([0.2, 0.8]), analysed([0.35, 0.65])
for name, one in {"wide": wide, "narrow": narrow}.items():
    motivation = one.frame().set_index("factor").loc["motivation"]
    low, high = motivation["total_low"], motivation["total_high"]
    print(
        f"{name}: motivation's total share is {motivation['total']:.0%} ({low:.0%} to {high:.0%})"
    )

# %%
indices_figure(shown_of(narrow), 0)

# %% [markdown]
# An index is about a range. Who studies a wide range of one input and narrow ones of the others
# will find that input to be important. So say where the ranges come from, and try others.
#
# Look at the intervals, too. With few points they are wide, and the order may turn by chance
# alone.
#
# ## Exercise 3

# %%
screened = mih.screen(wide.question.study, "morris", points=runs(full=32, small=8), replicates=4)
screened.frame()[["factor", "mu_star", "floor", "above_floor"]].round(3)

# %%
morris_figure(shown_of_screened(screened), 0)

# %%
scores = screened.frame().set_index("factor")["mu_star"]
assert scores["load_optimum"] == 0.0

# %% [markdown]
# The dummy scores exactly 0, since all points of a trajectory share their luck. An input that
# does *something* scores at least what noise makes of it: that is the floor. It falls with more
# runs of each point, not with more trajectories. Keep what is above its floor. Of what is below,
# you know nothing yet.
