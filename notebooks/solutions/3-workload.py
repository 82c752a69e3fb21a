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
# # Solutions to 3. Workload: worse before better

# %%
# %matplotlib inline
import sys

sys.path.append("..")
from budget import runs

import sim as mih

baseline, overload = mih.load("baseline"), mih.load("overload")
n = runs(full=400, small=80)
outcomes = ["adoption", "reach", "strain.clinician", "cost"]

# %% [markdown]
# ## Exercise 1

# %%
usual = mih.compare({"usual": baseline, "protected time": "protected-time"}, n, outcomes=outcomes)
usual.plot()

# %%
cost, reach = (usual.outcomes[name].plans["protected time"] for name in ("cost", "reach"))
print(f"Cost: {cost.difference:+,.0f} EUR ({cost.ci_low:+,.0f} to {cost.ci_high:+,.0f})")
print(
    f"Reach: {100 * reach.difference:+.1f} points "
    f"({100 * reach.ci_low:+.1f} to {100 * reach.ci_high:+.1f})"
)
assert cost.ci_low > 0

# %% [markdown]
# The cost is sure: every clinician has the hour and a half each week, used or not. What it brings
# is small here, and of adoption it may not be told from nothing. That is a finding about *this*
# organisation, in which people have about as much work as hours.
#
# ## Exercise 2

# %%
busy = mih.compare(
    {"overload": overload, "overload, protected time": overload.replace(protected_hours=1.5)},
    n,
    outcomes=outcomes,
)
busy.plot()

# %%
for name, compared, plan in (
    ("usual", usual, "protected time"),
    ("overload", busy, "overload, protected time"),
):
    one = compared.outcomes["adoption"].plans[plan]
    print(
        f"{name}: {100 * one.difference:+.1f} points of adoption "
        f"({100 * one.ci_low:+.1f} to {100 * one.ci_high:+.1f})"
    )

# %% [markdown]
# Both intervals have to be looked at: where they overlap, you cannot say that it brings more in
# one place than in the other. Protected time in this model makes room for training and for the
# platform's hours. It takes away none of the work that people have too much of. So it cannot cure
# overload.
#
# ## Exercise 3

# %%
swept = mih.sweep(
    mih.study_of(
        baseline,
        {"workload": [0.8, 0.9, 1.0, 1.1, 1.2]},
        replicates=runs(full=300, small=60),
        outcomes=["adoption"],
    )
)
swept.plot("adoption")

# %%
level = swept.frame().groupby("workload")["adoption"].mean()
print((100 * level).round(0))
assert level.iloc[-1] < level.iloc[0]

# %% [markdown]
# A slope, without a step that would be safe on one side. In the middle, where most organisations
# are, a few per cent of work more or less count. A threshold would be easier to manage; do not
# draw one where there is none.
