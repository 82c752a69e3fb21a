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
# # Solutions to 1. A first implementation
#
# Your guesses may differ. What counts is that you can say why.

# %%
# %matplotlib inline
import sys

sys.path.append("..")
from budget import runs

import sim as mih

baseline = mih.load("baseline")
n = runs(full=400, small=100)

# %% [markdown]
# ## Exercise 1
#
# Both plans have the same luck, run by run: the same people, the same moment at which somebody
# would leave. So we compare them run by run. A run that never goes live counts as three years.

# %%
leads = mih.compare(
    {"one lead": baseline, "two leads": baseline.replace(leads=2)},
    n,
    outcomes=["go_live_week", "adoption", "live", "cost"],
)
print(*leads.sentences(), sep="\n")

# %%
leads.plot()

# %%
weeks = leads.outcomes["go_live_week"].plans["two leads"]
print(
    f"Two leads go live {-weeks.difference:.0f} weeks sooner "
    f"({-weeks.ci_high:.0f} to {-weeks.ci_low:.0f})."
)
assert weeks.ci_high < 0

# %% [markdown]
# A second lead brings hours when all depends on few people, and cover when one leaves. It costs
# money, too: look at the last panel.
#
# ## Exercise 2
#
# `organisation_sd=0.0` says: these are our own numbers, so do not draw other organisations around
# them.

# %%
ours = baseline.replace(
    clinicians=35, lead_hours=4, workload=1.1, organisation_sd=0.0, load_organisation_sd=0.0
)
mih.run(ours, n).plot()

# %% [markdown]
# Hours and numbers of people you can look up. Role clarity, motivation and trust you have to ask
# people about. If you do not know a number, run it low and high. If the answer stays the same,
# you need not know it.
#
# ## Exercise 3

# %%
thin = mih.compare(
    {"half a day a week": baseline, "half of that": "thin-vendor-support"},
    n,
    outcomes=["go_live_week", "live", "reach"],
)
thin.plot()

# %%
weeks, live, reach = (
    thin.outcomes[name].plans["half of that"] for name in ("go_live_week", "live", "reach")
)
print(f"Going live: {weeks.difference:+.0f} weeks ({weeks.ci_low:+.0f} to {weeks.ci_high:+.0f})")
for name, one in {"Live at the end": live, "Reach": reach}.items():
    print(
        f"{name}: {100 * one.difference:+.1f} points "
        f"({100 * one.ci_low:+.1f} to {100 * one.ci_high:+.1f})"
    )
assert weeks.ci_low > 0
assert reach.ci_high < 0

# %% [markdown]
# With less help the work takes longer. That is sure. Whether fewer organisations are live after
# three years is another question: look at its interval. And look at reach: patients lose the
# months in which the platform was not there yet. So a share of organisations can hide a loss that
# patients feel. Choose the outcome before you look.
