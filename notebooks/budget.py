"""How many runs the notebooks make: enough to trust, or just enough to see that they work."""

import os

_BUDGETS = ("full", "small")


def runs(full: int, small: int) -> int:
    """Return the first number, or the second if the variable MIH_BUDGET says "small".

    Raises ValueError for a budget that is neither full nor small.
    """
    budget = os.environ.get("MIH_BUDGET", "full")
    if budget not in _BUDGETS:
        raise ValueError(f"MIH_BUDGET: found {budget!r}, allowed {', '.join(_BUDGETS)}")
    return small if budget == "small" else full
