"""Plain twins of the trial's regressions: loops and whole matrices, and nothing of the library."""

from __future__ import annotations

import numpy as np


def seemingly_unrelated(
    x1: np.ndarray, y1: np.ndarray, x2: np.ndarray, y2: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of both equations, and their covariance, with the whole (2N, 2N) covariance of the errors."""
    n = len(y1)
    rests = [y - x @ np.linalg.solve(x.T @ x, x.T @ y) for x, y in ((x1, y1), (x2, y2))]
    sigma = np.array([[sum(a * b for a, b in zip(u, v, strict=True)) / n for v in rests] for u in rests])
    whole = np.kron(sigma, np.eye(n))
    x = np.zeros((2 * n, x1.shape[1] + x2.shape[1]))
    x[:n, : x1.shape[1]], x[n:, x1.shape[1] :] = x1, x2
    y = np.concatenate([y1, y2])
    weight = np.linalg.inv(whole)
    covariance = np.linalg.inv(x.T @ weight @ x)
    return covariance @ x.T @ weight @ y, covariance


def net_benefit(x: np.ndarray, cost: np.ndarray, effect: np.ndarray, wtp: float) -> tuple[float, float]:
    """Coefficient of the second column and its HC3 error, person by person: each is left out once (jackknife form)."""
    value = wtp * effect - cost
    beta = np.linalg.solve(x.T @ x, x.T @ value)
    inner = np.linalg.inv(x.T @ x)
    meat = np.zeros((x.shape[1], x.shape[1]))
    for row, y in zip(x, value, strict=True):
        leverage = float(row @ inner @ row)
        meat += np.outer(row, row) * ((y - row @ beta) / (1 - leverage)) ** 2
    return float(beta[1]), float(np.sqrt((inner @ meat @ inner)[1, 1]))


def two_part_difference(x: np.ndarray, cost: np.ndarray) -> float:
    """Mean cost with everybody in the second column's group less nobody: share with a cost times their gamma mean."""
    has = (cost > 0).astype(float)
    b, a = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    b[0] = np.log(cost[cost > 0].mean())
    for _ in range(200):
        mu = np.exp(x[has > 0] @ b)
        score = x[has > 0].T @ (cost[has > 0] / mu - 1)
        b = b + np.linalg.solve(x[has > 0].T @ x[has > 0], score)
        if has.min() == 0:
            p = 1 / (1 + np.exp(-x @ a))
            a = a + np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]), x.T @ (has - p))
    total = []
    for row in x:
        one, other = row.copy(), row.copy()
        one[1], other[1] = 1.0, 0.0
        shares = [1 / (1 + np.exp(-v @ a)) if has.min() == 0 else 1.0 for v in (one, other)]
        total.append(shares[0] * np.exp(one @ b) - shares[1] * np.exp(other @ b))
    return float(np.mean(total))


def rubin(estimates: list[float], variances: list[float]) -> tuple[float, float, float]:
    """Rubin's rules: pooled estimate, total variance, degrees of freedom."""
    m = len(estimates)
    mean = sum(estimates) / m
    within = sum(variances) / m
    between = sum((one - mean) ** 2 for one in estimates) / (m - 1)
    total = within + (1 + 1 / m) * between
    freedom = (m - 1) * (1 + within / ((1 + 1 / m) * between)) ** 2 if between else float("inf")
    return mean, total, freedom
