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
# # 5. Staffing choices
#
# Money for one thing is not there for another. A second project lead, more vendor hours, more
# key-users, protected time: which one, for this organisation, and how sure can you be?
#
# ## Objectives
#
# After this notebook you can
#
# - compare plans by their differences, not by their averages;
# - say what a plan costs for each patient reached;
# - ask for the cheapest plan that gets there, and read the answer "cannot be told apart".
#
# ## Minutes
#
# 15: guess 3, run 2, explain 5, one exercise 5.

# %%
# %matplotlib inline
from budget import runs

import sim as mih

baseline = mih.load("baseline")
n = runs(full=300, small=80)

# %% [markdown]
# ## Five plans
#
# ### Predict
#
# Put these five in order, the one that brings most patients first. Then mark the one that costs
# most.

# %%
plans = {
    "as it is": "baseline",
    "a second lead": "more-leads",
    "twice the key-users": "more-key-users",
    "protected time": "protected-time",
    "twice the vendor's hours": baseline.replace(manager_hours=8.0),
    "all of it, well done": "best-practice",
}
most_patients, most_costly = "twice the vendor's hours", "a second lead"  # change both

# %% [markdown]
# ### Run

# %%
compared = mih.compare(
    plans, n, outcomes=["reach", "adoption", "go_live_week", "cost", "cost_per_patient_reached"]
)
others = compared.frame().query("plan != 'as it is'").set_index("plan")
reach, cost = (others[others["outcome"] == name]["difference"] for name in ("reach", "cost"))
single = [name for name in compared.plans[1:] if name != "all of it, well done"]
print(
    f"Most patients: you said {most_patients}; of the single plans it is {reach[single].idxmax()}."
)
print(f"Most costly: you said {most_costly}; of the single plans it is {cost[single].idxmax()}.")

# %%
compared.plot()

# %%
print(*compared.sentences(), sep="\n")

# %% [markdown]
# ### Explain
#
# - Filled marks are differences that can be told from 0 (all plans of a panel together). Hollow
#   ones are not proof that a plan does nothing: they say that these runs cannot tell.
# - The last panel divides cost by patients. A cheap plan that reaches nobody is dear.
# - Costs are hours agreed, at assumed prices. Put in your own before you show anybody a number
#   (exercise 1).

# %%
# This cell stops if the text above is no longer true of the model.
rows = others.set_index("outcome", append=True)
assert rows.loc[("all of it, well done", "reach"), "ci_low"] > 0
assert rows.loc[("a second lead", "cost"), "ci_low"] > 0
assert rows.loc[("protected time", "cost_per_patient_reached"), "ci_low"] > 0

# %% [markdown]
# ## Better on average, better for you?
#
# ### Predict
#
# Two organisations, alike but for their luck. One takes the best plan, one stays as it is. In how
# many of 100 such pairs does the one with the plan reach the larger share of patients? 50 would
# be a coin.

# %%
guess = 90  # of 100 pairs; change it

# %% [markdown]
# ### Run

# %%
better = rows.loc[("all of it, well done", "reach")]
print(
    f"You guessed {guess}. It is {100 * better['p_better']:.0f} "
    f"({100 * better['p_better_low']:.0f} to {100 * better['p_better_high']:.0f})."
)

# %% [markdown]
# ### Explain
#
# The plan is better on average, and that is sure. Still luck differs so much between
# organisations that a worse plan often ends up ahead. So a neighbour for whom it went well
# without a plan proves nothing. And you cannot promise your board success: you can promise better
# odds.

# %%
# This cell stops if the text above is no longer true of the model.
assert better["p_better_low"] > 0.5
assert better["p_better_high"] < 0.9

# %% [markdown]
# ## The cheapest plan that gets there
#
# ### Predict
#
# Half of the clinicians use the platform after two years: with which chance does the best of
# eight plans reach that?

# %%
guess = 80  # per cent; change it

# %% [markdown]
# ### Run
#
# Every combination of these levels is tried with a few runs. The best go on to more. The
# finalists run once more, with new luck, and only these last runs are reported. Why the new luck?
# The winner of a first round was good *and* lucky.

# %%
found = mih.staff(
    baseline,
    "adoption>=0.5",
    by=104,
    confidence=0.8,
    replicates=runs(full=150, small=40),
    vary={
        "manager_hours": [4, 8],
        "leads": [1, 2],
        "key_users": [0.12, 0.25],
        "lead_hours": ["own"],
        "seats": ["own"],
        "protected_hours": ["own"],
    },
)
best = max(found.verdict.plans, key=lambda plan: plan.chance.mean)
print(
    f"You guessed {guess} %. The likeliest plan: {100 * best.chance.mean:.0f} % "
    f"({100 * best.chance.low:.0f} to {100 * best.chance.high:.0f})."
)
print()
print(*found.sentences(), sep="\n")

# %%
found.plot()

# %% [markdown]
# ### Explain
#
# Look for the plans that cannot be told apart. Among these chance decides who seems to win: take
# the one that suits your people, or the cheapest. If no plan gets there, staffing is not what is
# lacking. What else could be? (Exercise 3.)

# %%
# This cell stops if the text above is no longer true of the model.
dear, cheap = found.by_cost[-1], found.by_cost[0]
assert dear.cost.mean > cheap.cost.mean
assert found.uptake(dear)[0] > found.uptake(cheap)[0]

# %%
print(found.label)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# Change the prices: `mih.load("baseline").replace(manager_rate=150, lead_rate=60)`. Which of the
# five plans changes its place in cost for each patient reached?
#
# ### Exercise 2
#
# Lower the target: `"adoption>=0.2"` with 40 % confidence. Is there a cheapest plan now? How
# sure?
#
# ### Exercise 3
#
# Compare two ways of doing better: staffing (`"best-practice"`) and conditions (`trust=0.75,
# motivation=0.65, role_clarity=0.65`). Which one wins more? What does a price for conditions look
# like?
