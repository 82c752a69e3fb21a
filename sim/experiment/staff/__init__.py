"""The cheapest staffing that reaches a target by a week, how sure that is, and what costs more."""
