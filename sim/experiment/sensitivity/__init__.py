"""Sensitivity analysis of stochastic simulators: which inputs drive what comes out.

From the ground up: `factor` (what varies), `design` (which points, on which replicates), `gates`
(what is refused), `estimators` (one scramble), `jackknife` (intervals over scrambles), `indices`
(the result), `lights` (how far it can be trusted), `split` (two kinds of chance), `pilot` (how many
replicates), `sobol` (all of it, for any model), `salib` (Morris and PAWN).
"""
