"""How often a test repeats a run to learn the spread of a number, and how near to it the errors must then be.

400 times in `nox -s nightly`, where errors must lie within 10 % of the spread. 100 times elsewhere: the spread of R
normal numbers is known with a relative standard error of 1 / sqrt(2 R), and as hundreds of numbers are looked at, four
of those are allowed.
"""

from __future__ import annotations

import math
import os

NIGHTLY = "COSTEFF_NIGHTLY" in os.environ
RUNS = 400 if NIGHTLY else 100
NEAR = 0.1 if NIGHTLY else 4 / math.sqrt(2 * RUNS)
