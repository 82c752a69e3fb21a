"""Runs of a plan: which there are, in which chunks, and what is kept of them."""
