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
# # Solutions to 4. Motivation, champions, peers

# %%
# %matplotlib inline
import sys

sys.path.append("..")
from budget import runs

import sim as mih

baseline = mih.load("baseline")
n = runs(full=400, small=80)

# %% [markdown]
# ## Exercise 1

# %%
shapes = ["small-world", "teams", "random", "full"]
networks = mih.compare(
    {shape: baseline.replace(network=shape) for shape in shapes}, n, outcomes=["adoption", "reach"]
)
networks.plot()

# %% [markdown]
# The differences are small beside those of other choices. Not every interval has to contain 0 for
# that: with enough runs even a tiny difference can be told from 0. Ask first how large it is.

# %%
widest = max(
    abs(one.difference)
    for one in networks.outcomes["adoption"].plans.values()
    if one.difference is not None
)
print(f"Largest difference: {100 * widest:.1f} points of adoption.")
assert widest < 0.05

# %% [markdown]
# A network would matter if people only ever saw their neighbours, if a few people had nearly all
# ties, or if use had to reach a number of neighbours before it spreads. Here clinicians also hear
# of everybody's use at evaluations.
#
# ## Exercise 2

# %%
alone = baseline.replace(start_peers=0.0, motivation_peers=0.0)
brought = {}
for name, one in {"with peers": baseline, "without": alone}.items():
    compared = mih.compare(
        {"one in eight": one, "one in four": one.replace(key_users=0.25)},
        n,
        outcomes=["adoption", "go_live_week"],
    )
    brought[name] = compared.outcomes["adoption"].plans["one in four"]
    weeks = compared.outcomes["go_live_week"].plans["one in four"]
    print(
        f"{name}: {100 * brought[name].difference:+.1f} points "
        f"({100 * brought[name].ci_low:+.1f} to {100 * brought[name].ci_high:+.1f}),"
        f" live {weeks.difference:+.1f} weeks"
    )
    assert weeks.difference < 0

# %% [markdown]
# Without peers key-users still make the project quicker: that is their work. What is gone is the
# example. So compare both gains: what is smaller without peers was the example; what is left was
# the work. If the intervals overlap widely, these runs cannot tell that the example brings
# anything: then what champions bring, in this model, is hours at the right time.
#
# ## Exercise 3

# %%
gains = {}
for trust in (0.25, 0.75):
    low = baseline.replace(trust=trust, motivation=0.35)
    compared = mih.compare(
        {"little": low, "much": low.replace(motivation=0.65)}, n, outcomes=["adoption"]
    )
    gains[trust] = compared.outcomes["adoption"].plans["much"]
    print(
        f"Trust {trust:.0%}: {100 * gains[trust].difference:+.1f} points "
        f"({100 * gains[trust].ci_low:+.1f} to {100 * gains[trust].ci_high:+.1f})"
    )
assert gains[0.75].difference > gains[0.25].difference

# %% [markdown]
# Where the vendor is not trusted most projects end before motivation can show. Then motivation
# work is wasted, through no fault of the motivated. Barriers have an order: first that the
# project lives.
