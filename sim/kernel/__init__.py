"""One week over arrays, compiled: the fast engine. The week's steps are numbered in docs/odd.md.

`week.simulate` runs the weeks; the other modules hold its steps, one actor each, and call the
rulebook (`sim.rules`). `sim.agents` takes the same steps agent by agent.
"""
