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
# # Solutions to 2. Role ambiguity and diffusion of responsibility

# %%
# %matplotlib inline
import sys

sys.path.append("..")
from budget import runs

import sim as mih

baseline, unclear = mih.load("baseline"), mih.load("role-ambiguity")
n = runs(full=300, small=100)

# %% [markdown]
# ## Exercise 1

# %%
agreed = mih.compare(
    {
        "unclear roles": unclear,
        "unclear, then agreed": unclear.replace(role_agreements=1.0),
        "usual": baseline,
    },
    n,
    outcomes=["role_clarity.lead", "go_live_week", "adoption"],
)
agreed.plot()

# %%
clarity = agreed.outcomes["role_clarity.lead"].plans
won = clarity["unclear, then agreed"].difference / clarity["usual"].difference
print(f"Agreements win back {won:.0%} of the leads' role clarity that is missing.")
assert clarity["unclear, then agreed"].ci_low > 0
assert won < 1

# %% [markdown]
# Agreements make roles clearer. But they are made in the first phase, by the same people whose
# roles are unclear, so they are only as good as that work. And they do not reach every clinician.
# Whether adoption rises as well: look whether its interval is above 0 before you say so.
#
# ## Exercise 2
#
# Two questions, so two comparisons. Each time the second plan has twice the key-users.

# %%
for clarity in (0.3, 0.8):
    few = baseline.replace(diffusion=0.8, role_clarity=clarity, key_users=0.12)
    compared = mih.compare(
        {"few": few, "twice": few.replace(key_users=0.25)}, n, outcomes=["go_live_week"]
    )
    weeks = compared.outcomes["go_live_week"].plans["twice"]
    print(
        f"Role clarity {clarity:.0%}: {weeks.difference:+.1f} weeks "
        f"({weeks.ci_low:+.1f} to {weeks.ci_high:+.1f})"
    )

# %% [markdown]
# Careful: weeks are not the best measure of this. Where roles are clear, an organisation is quick
# already, and there is less to win. The rule itself shows it better: what does the last person
# add to the team?

# %%
from sim.rules.project import ownership

for clarity in (0.3, 0.8):
    added = 16 * ownership(16, clarity, 0.8) - 8 * ownership(8, clarity, 0.8)
    print(f"Role clarity {clarity:.0%}: eight more people do the work of {added:.1f}.")
assert 16 * ownership(16, 0.3, 0.8) - 8 * ownership(8, 0.3, 0.8) < 16 * ownership(
    16, 0.8, 0.8
) - 8 * ownership(8, 0.8, 0.8)

# %% [markdown]
# The lesson: the same fact can look different by another measure. Say which one you use, and why.
#
# ## Exercise 3

# %%
costs = mih.explain(unclear, runs(full=8, small=2))
costs.plot()

# %%
print(*costs.sentences(), sep="\n")

# %%
# The costs add up to the whole gap.
cost = {name: one.share.difference for name, one in costs.main.barriers.items()}
gap = costs.main.gap.difference
print(f"All barriers together: {100 * sum(cost.values()):.1f} points; the gap: {100 * gap:.1f}")
assert abs(sum(cost.values()) - gap) < 1e-9

# %% [markdown]
# You can say: in this model these barriers together cost so much, and that is how it is divided.
# You cannot say which of two barriers comes first if their intervals overlap widely: with so few
# runs chance decides. And you cannot say that removing a barrier in a real organisation would win
# as much.
