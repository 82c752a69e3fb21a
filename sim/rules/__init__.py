"""The rulebook: the theory as plain functions of numbers, used by both engines.

No state, no randomness, no input or output. Each rule takes ``p``, the parameters of the scenario
(`sim.inputs.parameters_of`), then last week's values, and returns a number. Split by actor:
`chance` (levels and clocks), `people` (the three drivers), `project`, `clinicians`, `patients`.

Bit-identity between CPython and compiled code forbids here: ``x ** int``, ``sum()``, numpy
transcendentals, and ``exp`` or ``log`` on arguments that are not clamped (docs/odd.md).
"""
