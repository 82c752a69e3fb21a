"""The bodies of commands that are more than a line; `sim.cli` holds their options."""
