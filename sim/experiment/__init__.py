"""Experiments: what is run, how it is kept, and what is read from it.

`store` keeps the results of runs in a folder that cannot be mistaken for finished when it is not.
"""
