"""What each command does and prints.

`app`, `explain`, `report` and `staff` declare their own options; `sim.cli` declares those of
commands whose modules are slow to import.
"""
