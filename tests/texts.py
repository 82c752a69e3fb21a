"""Texts of scenario files that several tests read."""

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
