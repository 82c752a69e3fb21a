"""Patterns from the field, and how far the model shows them.

`targets` are the published numbers, `summaries` what simulated organisations give for each,
`arms` the situations that are simulated for it, `validate` sets the two side by side, and `prior`
looks at what the model can give before anything is fitted.
"""
