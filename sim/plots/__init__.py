"""Figures: one module each; a function takes axes and returns them. matplotlib only."""
