"""Figures of a sensitivity analysis, one module each; `writing` decides which are drawn."""
