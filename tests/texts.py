"""Texts that several tests read: of scenario files, and the label."""

LABEL = (
    "calibrated to patterns from other programmes and countries; "
    "not validated in a MiH organisation"
)
"""What stands beside every number (METHODS.md 5), in the words of the contract."""

PHASES = """title = "two"
[[phases]]
name = "prepare"
feeds = "fit"
manager_hours = 3
team_hours = 10.5

[[phases]]
name = "look-back"
label = "Look back"
feeds = "repair"
recurs = true
manager_hours = 1
team_hours = 2
"""
