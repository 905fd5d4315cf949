"""Compiled beta and gamma quantiles of many individuals at once, elementwise, to the last digits of a double.

An element's bits depend on its own numbers alone: what is kept between elements are functions of the shapes. In
scipy.special each value takes about 1.3 us (beta) and 0.45 us (gamma) of one core, here about a quarter of that.

Both solve log F(v) = log p for y = log v, where F is the nearer tail: F = v^a (1-v)^b / (a B(a, b)) S(v) with the
hypergeometric series S = sum (a+b)_n / (a+1)_n v^n for beta, F = v^a exp(-v) / gamma(a+1) sum v^n / (a+1)_n for
gamma. Every term is positive, so no digit is lost, and the coefficients are kept while shapes repeat. With
w = (p a B)^(1/a), log(v / w) is smooth in w: known at 0 to second order and at one anchor with its slope. A polynomial
through these gives the start, and steps of fifth order finish, held in a bracket. The upper tail of gamma has no such
series and takes the continued fraction. Whatever lies outside the region below, or does not converge, is left to
scipy.special.

Sources: DLMF 8.17.8, 8.7.1, 8.9.2 (series and fraction); the expansion of the inverse in w: Temme (1992), Asymptotic
inversion of the incomplete beta function, and DiDonato and Morris (1986), Computation of the incomplete gamma function
ratios and their inverse.
"""

from __future__ import annotations

import math

import numpy as np

from costeff.numerics.kernel_cache import kernel, kernel_part

TERMS = 512  # coefficients kept for each pair of shapes; a series that needs more is left to the library
ROWS = 64  # pairs of shapes kept
LEAST = 0.05  # the least shape for which the kernels answer
MOST_GAMMA, MOST_BETA = (100.0, 200.0)  # and the largest: beyond, log gamma has too few digits; sum of both for beta
MEAN_LEAST = 0.05  # beta: mean and 1 - mean at least
TAIL = 0.02  # a tail smaller than this is always computed by itself
TRIALS = 20
ENOUGH = 1e-3  # a step of fifth order from so near is exact to 1e-16
NEAR = 0.5  # and worth its while from here
TINY = 2.0**-54
LOWEST = -690.0  # smallest log of a quantile

# What is kept for a pair of shapes and one tail: shapes, log(a B(a, b)) or log gamma(a + 1), the anchor with the log of
# the tail there, its slope by log v and the next three derivatives over the slope, the start polynomial and its scale.
A, B, CONSTANT, ANCHOR, HEIGHT, SLOPE, SECOND, THIRD, FOURTH, SCALE, E1, E2, E3, E4, E5, COLUMNS = range(16)


@kernel_part
def _series(coefficients, count, s, below, v):
    """(sum of kept[n] v^n, number of coefficients now known); (-1, ...) if TERMS are too few.

    Coefficient n is the one before times (s + n - 1) / (below + n), or 1 / (below + n) where s is 0.
    """
    v2 = v * v
    v4 = v2 * v2
    power = 1.0
    s0 = s1 = s2 = s3 = 0.0
    n = 0
    total = -1.0
    while n < TERMS:
        while count < n + 4:
            if count == 0:
                coefficients[0] = 1.0
            elif s == 0.0:
                coefficients[count] = coefficients[count - 1] / (below + count)
            else:
                coefficients[count] = coefficients[count - 1] * ((s + count - 1.0) / (below + count))
            count += 1
        s0 += coefficients[n] * power
        s1 += coefficients[n + 1] * power
        s2 += coefficients[n + 2] * power
        last = coefficients[n + 3] * power
        s3 += last
        n += 4
        power *= v4
        if last * v2 * v < TINY * s0:
            # What follows is less than a geometric series in the largest ratio of two terms to come.
            if s == 0.0:
                ratio = v / (below + n)
            else:
                ratio = v * max(1.0, (s + n - 1.0) / (below + n))
            if ratio < 1.0 and last * v2 * v < TINY * s0 * (1.0 - ratio):
                total = (s0 + s2 * v2) + v * (s1 + s3 * v2)
                break
    return total, count


@kernel_part
def _step(r, second, third, fourth):
    """From a Newton step r to one of fifth order; the derivatives are over the first."""
    c2, c3, c4 = 0.5 * second, third / 6.0, fourth / 24.0
    return r * (1.0 - r * (c2 - r * (2.0 * c2 * c2 - c3 + r * (5.0 * c2 * (c3 - c2 * c2) - c4))))


@kernel_part
def _set_start(row, e1, e2):
    """Keep log(v/w) as a polynomial in w: given to second order at 0, and at the anchor with two derivatives."""
    row[SCALE] = w = math.exp((row[HEIGHT] + row[CONSTANT]) / row[A])
    row[E1], row[E2] = e1, e2 = e1 * w, e2 * w * w
    rise = row[A] / row[SLOPE]
    at = math.log(row[ANCHOR] / w) - e1 - e2
    first = rise - 1.0 - e1 - 2.0 * e2
    second = -rise * rise * row[SECOND] - (rise - 1.0) - 2.0 * e2
    row[E3] = 10.0 * at - 4.0 * first + 0.5 * second
    row[E4] = -15.0 * at + 7.0 * first - second
    row[E5] = 6.0 * at - 3.0 * first + 0.5 * second


@kernel_part
def _start(row, log_p):
    """log v to begin with: the polynomial up to the anchor, a step from the anchor beyond it."""
    if log_p > row[HEIGHT]:
        step = _step((log_p - row[HEIGHT]) / row[SLOPE], row[SECOND], row[THIRD], row[FOURTH])
        return math.log(row[ANCHOR]) + min(max(step, 0.0), 1.0)
    log_w = (log_p + row[CONSTANT]) / row[A]
    t = math.exp(log_w) / row[SCALE]
    return log_w + t * (row[E1] + t * (row[E2] + t * (row[E3] + t * (row[E4] + t * row[E5]))))


@kernel_part
def _slopes(a, b, v, total, is_beta):
    """Slope of a tail's log by log v, from its series, and the next three derivatives over the slope."""
    if is_beta:
        rest = 1.0 / (1.0 - v)
        slope = a * rest / total
        bend = (1.0 - b) * v * rest
        bend1 = bend * rest
        bend2 = bend1 * (1.0 + v) * rest
    else:
        slope = a / total
        bend = bend1 = bend2 = -v
    second = a + bend - slope
    change = bend1 - slope * second  # of `second` by log v
    third = second * second + change
    fourth = second * third + 2.0 * second * change + bend2 - slope * (second * second + change)
    return slope, second, third, fourth


@kernel_part
def _solve(row, coefficients, count, y, log_p, most, is_beta):
    """(v with log F(v) = log_p from a first log v of y, coefficients now known); nan if not found below `most`."""
    a, b = row[A], row[B]
    s = a + b if is_beta else 0.0
    low, high = LOWEST, math.log(most)
    root = np.nan
    for _ in range(TRIALS):
        if not low < y < high:
            y = 0.5 * (low + high)
        v = math.exp(y)
        total, count = _series(coefficients, count, s, a, v)
        if total < 0.0:
            break
        shrink = b * math.log1p(-v) if is_beta else -v
        gap = log_p - (a * y + shrink - row[CONSTANT] + math.log(total))
        slope, second, third, fourth = _slopes(a, b, v, total, is_beta)
        r = gap / slope
        step = _step(r, second, third, fourth)
        far = abs(r) * (1.0 + abs(second) + math.sqrt(abs(third)))
        if far < ENOUGH:
            root = v + v * step * (1.0 + step * (0.5 + step * (1.0 / 6.0 + step * (1.0 / 24.0 + step / 120.0))))
            break
        if gap > 0.0:
            low = y
        else:
            high = y
        y += step if far < NEAR else r  # log F is concave: Newton's steps alone do not miss the root
    return root, count


@kernel_part
def _place(rows, turns, a, b):
    """(row kept for these shapes, whether it is theirs already); else one that gives way."""
    hash_value = (a * 0.6180339887498949 + b * 0.7548776662466927) * 1048576.0
    at = int((hash_value - math.floor(hash_value)) * ROWS) % ROWS
    for k in range(4):
        row = (at + k) % ROWS
        if rows[row, 0, A] == a and rows[row, 0, B] == b:
            return row, True
    turns[at] = (turns[at] + 1) % 4
    return (at + turns[at]) % ROWS, False


@kernel_part
def _beta_row(rows, coefficients, counts, a, b):
    """Prepare both tails of a pair of shapes; CONSTANT is nan where a series is too long."""
    mean = a / (a + b)
    spread = 0.75 * math.sqrt(mean * (1.0 - mean) / (a + b + 1.0))
    # Nearer to the middle than the mean, which makes both series short, but where much of the distribution lies.
    anchor = min(max(min(max(mean, 0.25), 0.75), mean - spread), mean + spread)
    counts[0] = counts[1] = 0
    lower, counts[0] = _series(coefficients[0], 0, a + b, a, anchor)
    upper, counts[1] = _series(coefficients[1], 0, a + b, b, 1.0 - anchor)
    rows[0, A], rows[0, B], rows[1, A], rows[1, B] = a, b, b, a
    if lower < 0.0 or upper < 0.0:
        rows[0, CONSTANT] = np.nan
        return
    whole = lower / a + upper / b
    log_b = a * math.log(anchor) + b * math.log1p(-anchor) + math.log(whole)
    for side in range(2):
        c, d = rows[side, A], rows[side, B]
        own, at = (lower, anchor) if side == 0 else (upper, 1.0 - anchor)
        rows[side, CONSTANT] = log_b + math.log(c)
        rows[side, ANCHOR] = at
        rows[side, HEIGHT] = math.log(own / c / whole)
        k1 = (d - 1.0) / (c + 1.0)
        k2 = k1 * (c * c + 3.0 * c * d - c + 5.0 * d - 4.0) / (2.0 * (c + 1.0) * (c + 2.0))
        rows[side, SLOPE], rows[side, SECOND], rows[side, THIRD], rows[side, FOURTH] = _slopes(c, d, at, own, True)
        _set_start(rows[side], k1, k2 - 0.5 * k1 * k1)


@kernel
def beta_block(u, a, b, rows, coefficients, counts, turns, out):
    """Quantiles (n,) into `out`; nan for those left to the library. Returns how many."""
    nan_count = 0
    for i in range(u.shape[0]):
        out[i] = np.nan
        p, c, d = u[i], a[i], b[i]
        total = c + d
        if (
            0.0 < p < 1.0
            and c >= LEAST
            and d >= LEAST
            and total <= MOST_BETA
            and c >= MEAN_LEAST * total
            and d >= MEAN_LEAST * total
        ):
            row, ready = _place(rows, turns, c, d)
            if not ready:
                _beta_row(rows[row], coefficients[row], counts[row], c, d)
            if not np.isnan(rows[row, 0, CONSTANT]):
                side = 0 if p < TAIL or (p <= 1.0 - TAIL and math.log(p) <= rows[row, 0, HEIGHT]) else 1
                log_p = math.log(p) if side == 0 else math.log1p(-p)
                v, counts[row, side] = _solve(
                    rows[row, side],
                    coefficients[row, side],
                    counts[row, side],
                    _start(rows[row, side], log_p),
                    log_p,
                    1.0 - 2.0**-20,
                    True,
                )
                out[i] = v if side == 0 else 1.0 - v
        nan_count += np.isnan(out[i])
    return nan_count


@kernel_part
def _upper_slopes(a, x, hazard):
    """Slope of log Q by x, and the next three derivatives over the slope."""
    second = hazard + (a - 1.0) / x - 1.0
    turn = (a - 1.0) / (x * x)
    change = hazard * second - turn  # of `second` by x
    third = second * second + change
    fourth = second * third + 2.0 * second * change + hazard * (second * second + change) + 2.0 * turn / x
    return -hazard, second, third, fourth


@kernel_part
def _gamma_row(rows, coefficients, a):
    """Prepare a shape: lower tail, and upper tail at two anchors. Returns how many coefficients are known."""
    constant = math.lgamma(a + 1.0)
    count = 0
    for side in range(3):
        row = rows[side]
        anchor = max(0.6 * (a + 1.0), a - math.sqrt(a)) if side < 2 else a + 1.2 * math.sqrt(a) + 0.5
        total, count = _series(coefficients, count, 0.0, a, anchor)
        row[A], row[B], row[CONSTANT], row[ANCHOR] = a, 0.0, constant, anchor
        height = a * math.log(anchor) - anchor - constant + math.log(total)
        if side == 0:
            row[HEIGHT] = height
            row[SLOPE], row[SECOND], row[THIRD], row[FOURTH] = _slopes(a, 0.0, anchor, total, False)
            k1 = 1.0 / (a + 1.0)
            _set_start(row, k1, k1 * k1 * ((3.0 * a + 5.0) / (2.0 * (a + 2.0)) - 0.5))
        else:
            row[HEIGHT] = math.log(-math.expm1(height))
            hazard = a * math.exp(height - row[HEIGHT]) / (anchor * total)
            row[SLOPE], row[SECOND], row[THIRD], row[FOURTH] = _upper_slopes(a, anchor, hazard)
    return count


@kernel_part
def _gamma_start(rows, p):
    """log x to begin with, for p that is not in the upper tail."""
    log_p = math.log(p)
    if log_p <= rows[0, HEIGHT]:
        return _start(rows[0], log_p)
    log_q = math.log1p(-p)
    row = rows[1] if 2.0 * log_q > rows[1, HEIGHT] + rows[2, HEIGHT] else rows[2]
    step = _step((log_q - row[HEIGHT]) / row[SLOPE], row[SECOND], row[THIRD], row[FOURTH])
    return math.log(max(row[ANCHOR] + step, 0.5 * row[ANCHOR]))


@kernel_part
def _fraction(a, x):
    """gamma(a, x) / (x^a exp(-x)) by its continued fraction (Lentz), -1.0 where it does not converge."""
    below = x + 1.0 - a
    c = 1e300
    d = 1.0 / below
    value = d
    for i in range(1, 4 * TERMS):
        part = -i * (i - a)
        below += 2.0
        d = 1.0 / (part * d + below)
        c = below + part / c
        change = d * c
        value *= change
        if abs(change - 1.0) < 4.0 * TINY:
            return value
    return -1.0


@kernel_part
def _gamma_upper(row, log_q):
    """x whose upper tail has this log, by steps on the log of the tail; nan where it is not found."""
    a = row[A]
    log_gamma = row[CONSTANT] - math.log(a)
    low, high = 0.5 * row[ANCHOR], 1e4
    x = max(row[ANCHOR], -log_q - log_gamma)
    for _ in range(2):
        x = max(row[ANCHOR], -log_q - log_gamma + (a - 1.0) * math.log(x))
    root = np.nan
    for _ in range(TRIALS):
        if not low < x < high:
            x = 0.5 * (low + high)
        value = _fraction(a, x)
        if value < 0.0:
            break
        gap = log_q - (a * math.log(x) - x - log_gamma + math.log(value))
        slope, second, third, fourth = _upper_slopes(a, x, 1.0 / (x * value))
        r = gap / slope
        step = _step(r, second, third, fourth)
        far = abs(r) * (1.0 / x + abs(second) + math.sqrt(abs(third)))
        if far < ENOUGH:
            root = x + step
            break
        if gap < 0.0:
            low = x
        else:
            high = x
        x += step if far < NEAR else r
    return root


@kernel
def gamma_block(u, a, rows, coefficients, counts, turns, out):
    """Quantiles (n,) for rate 1 into `out`; nan for those left to the library. Returns how many."""
    nan_count = 0
    for i in range(u.shape[0]):
        out[i] = np.nan
        p, c = u[i], a[i]
        if 0.0 < p < 1.0 and LEAST <= c <= MOST_GAMMA:
            row, ready = _place(rows, turns, c, 0.0)
            if not ready:
                counts[row, 0] = _gamma_row(rows[row], coefficients[row, 0], c)
            if p > 1.0 - TAIL:
                out[i] = _gamma_upper(rows[row, 2], math.log1p(-p))
            else:
                out[i], counts[row, 0] = _solve(
                    rows[row, 0],
                    coefficients[row, 0],
                    counts[row, 0],
                    _gamma_start(rows[row], p),
                    math.log(p),
                    1e4,
                    False,
                )
        nan_count += np.isnan(out[i])
    return nan_count
