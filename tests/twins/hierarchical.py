"""Twin of costeff.calibrate.linear: figures of several sources around one mean, in closed form. Plain Python.

Imports nothing from costeff. Figure i of source s is a mu + u_s + e_i: mu is standard normal, u_s normal with the SD
between sources, e_i normal with the SD within. Given the SD between, a source's figures count through their mean; the
SD has a half-normal prior and is summed over a grid.
"""

import math


def log_normal(x, variance):
    """Log density of a normal number at distance x from its mean."""
    return -x * x / (2 * variance) - math.log(2 * math.pi * variance) / 2


def mean_given(sources, slope, between, within):
    """Mean and variance of mu given the figures `sources` (a list of lists) and the SD between."""
    precision, total = 1.0, 0.0
    for figures in sources:
        variance = between**2 + within**2 / len(figures)
        precision += slope**2 / variance
        total += slope * sum(figures) / len(figures) / variance
    return total / precision, 1 / precision


def effect_given(sources, slope, between, within, s):
    """Mean and variance of the effect of source s."""
    mean, variance = mean_given(sources, slope, between, within)
    size = len(sources[s])
    shrinkage = between**2 / (between**2 + within**2 / size)
    average = sum(sources[s]) / size
    inside = between**2 * (1 - shrinkage)
    return shrinkage * (average - slope * mean), inside + (shrinkage * slope) ** 2 * variance


def log_evidence(sources, slope, between, within):
    """Log evidence of all figures: each is predicted from those before it, with mu and its effect summed out."""
    total = 0.0
    mean, variance = 0.0, 1.0  # of mu, after the sources so far
    for figures in sources:
        effect, effect_variance, cross = 0.0, between**2, 0.0
        for y in figures:
            spread = slope**2 * variance + effect_variance + 2 * slope * cross + within**2
            miss = y - slope * mean - effect
            total += log_normal(miss, spread)
            gain_mean = (slope * variance + cross) / spread
            gain_effect = (slope * cross + effect_variance) / spread
            mean += gain_mean * miss
            effect += gain_effect * miss
            variance, cross, effect_variance = (
                variance - gain_mean**2 * spread,
                cross - gain_mean * gain_effect * spread,
                effect_variance - gain_effect**2 * spread,
            )
    return total


def grid(sources, slope, scale, within, steps=4000):
    """Pairs (SD between, weight) of its posterior on a grid out to five scales."""
    points = [5 * scale * (i + 0.5) / steps for i in range(steps)]
    logs = [log_evidence(sources, slope, x, within) - x * x / (2 * scale**2) for x in points]
    top = max(logs)
    weights = [math.exp(value - top) for value in logs]
    total = sum(weights)
    return [(x, weight / total) for x, weight in zip(points, weights, strict=True)]


def new_source(sources, slope, between, within, population):
    """Mean and variance of what a new population would show without error: its part of the effect's variance only."""
    mean, variance = mean_given(sources, slope, between, within)
    return slope * mean, slope**2 * variance + population * between**2
