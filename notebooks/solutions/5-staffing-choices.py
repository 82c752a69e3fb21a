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
# # Solutions to 5. Staffing choices

# %%
# %matplotlib inline
import sys

sys.path.append("..")
from budget import runs

import sim as mih

baseline = mih.load("baseline")
n = runs(full=300, small=80)

# %% [markdown]
# ## Exercise 1

# %%
prices = {"assumed prices": {}, "other prices": {"manager_rate": 150.0, "lead_rate": 60.0}}
changes = {
    "a second lead": {"leads": 2},
    "twice the key-users": {"key_users": 0.25},
    "protected time": {"protected_hours": 1.5},
    "twice the vendor's hours": {"manager_hours": 8.0},
}
per_patient = {}
for name, price in prices.items():
    base = baseline.replace(**price)
    plans = {"as it is": base} | {plan: base.replace(**change) for plan, change in changes.items()}
    compared = mih.compare(plans, n, outcomes=["cost_per_patient_reached", "adoption"])
    per_patient[name] = compared.outcomes["cost_per_patient_reached"].plans
    order = sorted(compared.plans, key=lambda plan: per_patient[name][plan].mean)
    print(f"{name}, the cheapest first: {', '.join(order)}")

# %%
compared.plot()

# %%
vendor = [per_patient[name]["twice the vendor's hours"].mean for name in prices]
assert vendor[1] != vendor[0]

# %% [markdown]
# Prices change money and nothing else: adoption is the same to the last digit, since people do
# not know what an hour costs. So an order that turns with the price is a matter for negotiation,
# not for implementation.
#
# ## Exercise 2

# %%
found = mih.staff(
    baseline,
    "adoption>=0.2",
    by=104,
    confidence=0.4,
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
print(found.verdict.answer)
print(*found.sentences(), sep="\n")

# %%
found.plot()

# %% [markdown]
# Read the first word. "found": one plan surely does, and all cheaper ones surely do not. "alike"
# or "maybe": the runs cannot tell. A lower target is easier to reach; it is not easier to tell
# plans apart.
#
# ## Exercise 3

# %%
conditions = baseline.replace(trust=0.75, motivation=0.65, role_clarity=0.65)
ways = mih.compare(
    {"as it is": baseline, "staffing": "best-practice", "conditions": conditions},
    n,
    outcomes=["adoption", "reach", "live", "cost"],
)
print(*ways.sentences(), sep="\n")
ways.plot()

# %%
assert ways.outcomes["adoption"].plans["conditions"].ci_low > 0

# %% [markdown]
# Look at the last panel: conditions cost more only because projects that go on cost more than
# projects that end. For getting there the model has no price: nobody knows what it takes to build
# trust or to make roles clear. Better conditions as a gift will always beat staffing that is paid
# for. The honest sentence is: "if we could get there, it would be worth so much". That is a limit
# to what you may pay for it.
