"""Sensitivity analysis of stochastic simulators: which inputs drive what comes out.

From the ground up: `factor` (what varies), `design` (which points, on which replicates), `gates`
(what is refused), `estimators` (one scramble), `jackknife` (intervals over scrambles), `indices`
(the result), `lights` (how far it can be trusted), `split` (two kinds of chance), `pilot` (how many
replicates), `sobol` (all of it, for any model), `salib` (Morris and PAWN).

Of a study, with its runs in the store: `study` (factors from files), `question` (what is asked),
`stages` (each a sealed sweep), `reading` (runs as arrays), `analysis` and `response` (a scramble),
`expected` (what a pilot promises), `sequence` (what comes next), `found` with `contract`, `tables`,
`sentences`, `words` and `figures` (the result), `run` (all of it), `screening` and `screened`
(Morris and PAWN, cheaper), `check` (all of it derived anew).
"""
