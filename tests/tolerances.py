"""Every statistical tolerance of the tests, with its false-alarm rate.

Seeds are fixed, so a test that passes keeps passing until the model changes. The false-alarm rate
is what a *fresh* seed would have: how often a right model would fail. A number here changes in a
commit of its own, with the reason.
"""

Z_EXACT = 4.5
"""Standard errors within which an estimate must meet its exact value: 7 in 10^6 a comparison."""

P_EXACT = 1e-5
"""Smallest p of a chi-square or Kolmogorov-Smirnov test of an exact distribution."""

Z_SIGN = 2.58
"""Standard errors of a paired difference: the intervals of the sign tests are 99 %.

"Strictly better" asks that the interval lies on the right side of 0: if the true difference were 0
that would be met in 0.5 % of seeds.
"""

ADOPTION_MARGIN = 0.015
"""'Adoption not lower': the interval's low end may lie this far below 0 (share of posts)."""

GO_LIVE_MARGIN = 2.0
"""'Go-live not later': the interval's high end may lie this far above 0 (weeks, restricted mean).

Both are margins of non-inferiority: a true difference of 0 with a standard error of a third of the
margin fails in 3 of 10^3 seeds; a true harm of the margin's size passes in 0.5 %.
"""

REPLICATES = 150
"""Replicates of a paired comparison of extremes."""

MANY = 800
"""Replicates where a scenario differs in one thing from a baseline in which most projects end.

Two thirds of baseline runs stop; what a stop moves is .3 to .9 of adoption in that run, so effects
of .01 take a standard error of .004.
"""

AT_REST = 0.01
"""Largest drift of mean motivation, clarity and strain without a project (MODEL.md 9.2).

Not a statistical tolerance: people start at rest, only rounding moves them.
"""

CORRELATION = 0.005
"""Largest |correlation| of 10^6 pairs of draws: 5 standard errors, 6 in 10^7 a comparison."""

BIT_BALANCE = 0.0025
"""Largest |share - 1/2| of a bit over 10^6 draws: 5 standard errors, 6 in 10^7 a comparison."""

AVALANCHE = 0.01
"""Largest |share - 1/2| of flips of an output bit over 62 500 flips of an input bit: 5 SE."""

GAMMA_MEAN = 0.05
"""Weeks that the tabled mean of care may lie from the gamma's: table and rounding, no chance."""

GAMMA_SD = 0.25
"""Weeks that the tabled standard deviation of care may lie from the gamma's: as above."""

MEAN_FIELD = 0.01
"""Largest distance from the mean-field limit besides chance (share of posts): order 1/N."""

ROUNDING = 1e-12
"""Relative difference allowed between one formula written in two ways."""

COVERAGE = (0.90, 0.99)
"""Share of repeated experiments whose 95 % interval holds the truth: 1 in 10^4 with 400 of them."""

HALF_WIDTHS = 4.75
"""Half-widths of a 95 % interval over eight scrambles within which an estimate must meet its exact
value: 11.2 standard errors of Student's t with 7 degrees of freedom, 1 in 10^5 a comparison."""

DESIGNS = 200
"""Repeated sensitivity analyses whose coverage is counted: a method that holds the truth in 95 %
falls outside `COVERAGE` in 2 of 10^3 seeds."""

ORACLE = 1e-10
"""Largest difference from another program's result of one formula: rounding."""

ABC_MEAN = 0.25
"""Mean of an ABC posterior of some 270 effective draws, in posterior SDs: 4 errors."""

ABC_SD = 0.2
"""Its standard deviation, relative: 4.6 errors."""
