"""Twin of sources left out: figures predicted from other sources alone, by brute force in the space of the causes.

Imports nothing from costeff. A figure is intercept + B p + the effects of its source, each times a slope of its own,
+ error. Parameters p are standard normal; the effect e of a source is normal with SD s_e, known or half-normal. The
figures of one source are taken away, the precision of all causes of the others is added up, and the new source draws
effects of its own. Unknown SDs are summed over a grid. Nothing of the joint covariance of all figures is inverted.
"""

import itertools

import numpy as np


def causes(slopes, effect_slopes, sources):
    """Slopes (K, P + E S) of the figures on parameters and all effects of all sources; which effect each column is."""
    names = list(dict.fromkeys(sources))
    columns = [slopes]
    labels = [None] * slopes.shape[1]
    for e, name in itertools.product(range(effect_slopes.shape[1]), names):
        own = np.array([source == name for source in sources])
        columns.append((effect_slopes[:, e] * own)[:, None])
        labels.append(e)
    return np.hstack(columns), labels


def given(design, prior_variance, distance, error):
    """Mean and covariance of the causes given `distance` (K,) of the figures, and the log evidence of these."""
    weight = np.linalg.inv(error)
    precision = design.T @ weight @ design + np.diag(1 / prior_variance)
    covariance = np.linalg.inv(precision)
    mean = covariance @ design.T @ weight @ distance
    # Evidence = likelihood x prior / posterior, all of them at the posterior mean.
    miss = distance - design @ mean
    log = -0.5 * (miss @ weight @ miss + np.linalg.slogdet(2 * np.pi * error)[1])
    log -= 0.5 * (mean**2 / prior_variance + np.log(2 * np.pi * prior_variance)).sum()
    return mean, covariance, log + 0.5 * np.linalg.slogdet(2 * np.pi * covariance)[1]


def grids(scales, unknown, steps=24):
    """Nodes of the effects' SDs and their log prior weights: `steps` midpoints out to four scales of a half-normal."""
    axes = []
    for scale, free in zip(scales, unknown, strict=True):
        points = [scale * 4 * (i + 0.5) / steps for i in range(steps)] if free else [scale]
        axes.append([(x, -((x / scale) ** 2) / 2 if free else 0.0) for x in points])
    for node in itertools.product(*axes):
        yield np.array([x for x, _ in node]), sum(log for _, log in node)


def predicted(intercept, slopes, effect_slopes, scales, unknown, sources, data, error, left):
    """Mean (m,), SD (m,) and log density of the m figures of source `left`, from those of all other sources."""
    rows = np.array([source == left for source in sources])
    others = [source for source in sources if source != left]
    design, labels = causes(slopes[~rows], effect_slopes[~rows], others)
    distance = (data - intercept)[~rows]
    size = slopes.shape[1]
    weights, means, covariances, densities = [], [], [], []
    for sds, log_prior in grids(scales, unknown):
        variance = np.array([1.0 if e is None else sds[e] ** 2 for e in labels])
        mean, covariance, log = given(design, variance, distance, error[np.ix_(~rows, ~rows)])
        own = effect_slopes[rows] * sds
        whole = slopes[rows] @ covariance[:size, :size] @ slopes[rows].T + own @ own.T + error[np.ix_(rows, rows)]
        centre = intercept[rows] + slopes[rows] @ mean[:size]
        miss = data[rows] - centre
        density = -0.5 * (miss @ np.linalg.solve(whole, miss) + np.linalg.slogdet(2 * np.pi * whole)[1])
        weights.append(log + log_prior)
        means.append(centre)
        covariances.append(np.diag(whole))
        densities.append(density)
    share = np.exp(np.array(weights) - max(weights))
    share /= share.sum()
    mean = share @ np.array(means)
    variance = share @ (np.array(covariances) + (np.array(means) - mean) ** 2)
    return mean, np.sqrt(variance), float(np.log(share @ np.exp(np.array(densities))))


def alone(intercept, slopes, effect_slopes, scales, unknown, sources, data, error):
    """SD (K,) of a new source's figures when only its effects, of SDs that all figures teach, and errors vary."""
    design, labels = causes(slopes, effect_slopes, sources)
    weights, squares = [], []
    for sds, log_prior in grids(scales, unknown):
        variance = np.array([1.0 if e is None else sds[e] ** 2 for e in labels])
        weights.append(given(design, variance, data - intercept, error)[2] + log_prior)
        squares.append(sds**2)
    share = np.exp(np.array(weights) - max(weights))
    return np.sqrt(effect_slopes**2 @ (share @ np.array(squares)) / share.sum() + np.diag(error))
