"""One check of the posterior's spread by another method: a Gaussian-process emulator and MCMC; too slow for the suite.

    python tests/calibration_emulator.py simulate FILE.npz      in the project's environment, about a minute
    python tests/calibration_emulator.py seeds FILE.npz         in the project's environment, some minutes
    python tests/calibration_emulator.py sample FILE.npz        in an environment of its own, some minutes

Five hazards of usual care in TKI2 under their blind priors, eight figures of three sources, effects of sources on
return and relapse with unknown SDs; everything else fixed. `simulate` draws a design from the prior and simulates it.
`seeds` calibrates by ES-MDA with several seeds: how far its answers scatter. `sample` needs numpy, scikit-learn 1.5
and emcee 3.1 and nothing of costeff: it emulates each figure, samples the posterior, and writes
tests/data/calibration_emulator.json, with which tests/calibrate/test_emulator.py compares ES-MDA. No calibration
enters its answers.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ANSWERS = Path(__file__).parent / "data" / "calibration_emulator.json"
FIGURES = (
    "heart_mi_return_52",
    "heart_mi_detached_52",
    "back_pain_return_104",
    "back_pain_work_104",
    "back_pain_sick_104",
    "mental_a_self_support_52",
    "mental_a_health_benefit_52",
    "mental_a_self_support_156",
)
PARAMETERS = ("h_sick_employer_work", "h_sick_full_work_1", "h_sick_full_work_2", "h_work_sick_1", "h_work_sick_2")
POINTS, PEOPLE, SEED = 600, 2000, 11
"""Of the design: half of it from the prior, half from the prior with scores halved."""
DRAWS, INDIVIDUALS, SEEDS = 400, 300, (1, 2, 3, 4)
"""Of the calibrations by ES-MDA."""
WALKERS, STEPS, BURN = 52, 5000, 1000


# ---- in the project's environment ----


def problem_of(fixed: dict[str, float] | None = None, figures: dict[str, list[float]] | None = None) -> Any:
    """The calibration; parameters named in `fixed` are held there, and `figures` have these values, intervals and n (0:
    none), so that what ships may move.
    """
    from calibration_ranks import reduced

    from costeff.calibrate.hierarchy import set_up

    model, evidence, plan = reduced(FIGURES, PARAMETERS)
    known = {name: value for name, value in (fixed or {}).items() if name in evidence.parameters}
    targets = tuple(_as_frozen(target, (figures or {}).get(target.name)) for target in plan.targets)
    return set_up(model, evidence.override(known), replace(plan, targets=targets))


def _as_frozen(target: Any, figure: list[float] | None) -> Any:
    """The target with this value, interval and n, where there is one."""
    if figure is None:
        return target
    value, low, high, size = figure
    return replace(target, value=value, interval=(low, high), n=int(size) or None)


def es_mda(problem: Any, seed: int) -> dict[str, tuple[float, float]]:
    """Mean and SD of each log parameter, log ratio and SD between sources, by ES-MDA."""
    from costeff.calibrate.hierarchy import solve
    from costeff.calibrate.setting import Run

    solution = solve(problem, Run(problem.prior, INDIVIDUALS, seed, 1, False), DRAWS)
    columns = {name: np.log(values) if name in PARAMETERS else values for name, values in solution.values.items()}
    columns |= {f"sd of {name}": values for name, values in solution.sds.items()}
    return {name: (float(x.mean()), float(x.std(ddof=1))) for name, x in columns.items()}


def simulate(file: Path) -> None:
    """Simulate a design and keep what the other environment needs."""
    from costeff.calibrate.hierarchy import drawn_prior
    from costeff.calibrate.setting import Run

    problem = problem_of()
    prior, levels = problem.prior.parameters, problem.state.levels
    scores, sds, start = drawn_prior(problem, POINTS, SEED)
    scores[POINTS // 2 :, : len(PARAMETERS)] /= 2
    values = {**start, **problem.state.values(scores, sds)}
    observed = Run(problem.prior, PEOPLE, SEED, 1, False).observe(problem.groups, values, POINTS, 0)
    own = np.log(np.column_stack([values[name] for name in PARAMETERS]))
    places = [[levels.index(e.level(target)) for e in problem.plan.effects] for target in problem.fitted]
    ratios = np.column_stack([values[level.name] for level in levels])
    inputs = np.stack([np.column_stack([own, ratios[:, at]]) for at in places], axis=1)
    fixed = {name: p.value for name, p in prior.items() if p.fixed and isinstance(p.value, float | int)}
    about = {
        "figures": {t.name: [t.value, *t.interval, t.n or 0] for t in problem.fitted},
        "effects": {e.name: e.sd for e in problem.plan.effects},
        "levels": [[x.name, x.effect] for x in levels],
        "fixed": fixed,
    }
    grid = (np.arange(4000) + 0.5) / 4000
    priors = np.array(
        [[np.log(f(grid)).mean(), np.log(f(grid)).std()] for f in (prior[p].spread.ppf for p in PARAMETERS)]
    )
    arrays = {"inputs": inputs, "places": np.array(places), "values": observed.values, "noise": np.diag(observed.noise)}
    np.savez(file, **arrays, data=problem.data, error=problem.error, priors=priors, about=json.dumps(about))


def seeds(file: Path) -> None:
    """ES-MDA with several seeds, beside the design."""
    problem = problem_of()
    answers = [es_mda(problem, seed) for seed in SEEDS]
    scatter = {name: np.std([a[name] for a in answers], axis=0, ddof=1).tolist() for name in answers[0]}
    means = {name: np.mean([a[name] for a in answers], axis=0).tolist() for name in answers[0]}
    file.with_suffix(".json").write_text(json.dumps({"scatter": scatter, "means": means}), encoding="utf-8")


# ---- in an environment with scikit-learn and emcee ----


def kernels(inputs: Floats, values: Floats, noise: Floats) -> tuple[list[Any], list[float]]:
    """For each figure the kernel that half of the design asks for, and the emulator's error, seen on the other half."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    own, errors = [], []
    for k in range(values.shape[1]):
        x, y, spread = *scaled(inputs, values, k), values[:, k].std()
        level = max(float(noise[k]) / spread**2, 1e-6)
        kernel = ConstantKernel(1.0) * RBF(np.full(x.shape[1], 2.0), (0.2, 2000)) + WhiteKernel(
            level, (level / 30, 1.0)
        )
        process = GaussianProcessRegressor(kernel).fit(x[::2], y[::2])
        miss = (process.predict(x[1::2]) - y[1::2]) * spread
        errors.append(float(np.sqrt(max((miss**2).mean() - noise[k], 0.0))))
        own.append(process.kernel_)
    return own, errors


def scaled(inputs: Floats, values: Floats, k: int) -> tuple[Floats, Floats]:
    """Inputs (N, 7) and values (N,) of one figure, each with mean 0 and SD 1 over the design."""
    centre, scale = inputs.mean(axis=(0, 1)), inputs.std(axis=(0, 1))
    return (inputs[:, k] - centre) / scale, (values[:, k] - values[:, k].mean()) / values[:, k].std()


def emulators(inputs: Floats, values: Floats, own: list[Any], rows: Any) -> list[Any]:
    """For each figure what predicts it from log parameters and log ratios (N, 7), by these rows of the design."""
    from sklearn.gaussian_process import GaussianProcessRegressor

    centre, scale, predictors = inputs.mean(axis=(0, 1)), inputs.std(axis=(0, 1)), []
    for k, kernel in enumerate(own):
        x, y = scaled(inputs, values, k)
        process = GaussianProcessRegressor(kernel, optimizer=None).fit(x[rows], y[rows])
        predictors.append(_predictor(process, centre, scale, values[:, k].mean(), values[:, k].std()))
    return predictors


def _predictor(process: Any, centre: Floats, scale: Floats, middle: float, spread: float) -> Any:
    """The mean of a Gaussian process: log parameters and log ratios (N, 7) to (N,)."""
    amplitude, lengths = process.kernel_.k1.k1.constant_value, process.kernel_.k1.k2.length_scale
    points, weights = process.X_train_ / lengths, process.alpha_

    def predict(inputs: Floats) -> Floats:
        x = (inputs - centre) / scale / lengths
        apart = (x**2).sum(axis=1)[:, None] + (points**2).sum(axis=1) - 2 * x @ points.T
        return np.asarray(middle + spread * (amplitude * np.exp(-0.5 * np.maximum(apart, 0)) @ weights.ravel()))

    return predict


def columns_of(scores: Floats, about: dict[str, Any], priors: Floats) -> dict[str, Floats]:
    """Log parameters, log ratios and SDs (N,) by name, of standard normal scores (N, 5 + levels + effects)."""
    size, levels = len(PARAMETERS), about["levels"]
    sds = {
        name: sd * np.abs(scores[:, size + len(levels) + i]) for i, (name, sd) in enumerate(about["effects"].items())
    }
    out = {name: priors[i, 0] + priors[i, 1] * scores[:, i] for i, name in enumerate(PARAMETERS)}
    out |= {name: sds[effect] * scores[:, size + i] for i, (name, effect) in enumerate(levels)}
    return out | {f"sd of {name}": sd for name, sd in sds.items()}


def posterior(
    store: Any, about: dict[str, Any], own: tuple[list[Any], list[float]], rows: Any, seed: int
) -> dict[str, list[float]]:
    """Mean, SD and their errors by name, from emulators on these rows of the design."""
    import emcee

    predictors, errors = emulators(store["inputs"], store["values"], own[0], rows), own[1]
    precision = np.linalg.inv(store["error"] + np.diag(np.square(errors)))
    places, size = store["places"], len(PARAMETERS)
    levels = [name for name, _ in about["levels"]]

    def log_density(scores: Floats) -> Floats:
        columns = columns_of(scores, about, store["priors"])
        logs = np.column_stack([columns[name] for name in PARAMETERS])
        ratios = np.column_stack([columns[name] for name in levels])
        told = np.column_stack([f(np.hstack([logs, ratios[:, places[k]]])) for k, f in enumerate(predictors)])
        miss = told - store["data"]
        return np.asarray(-0.5 * (scores**2).sum(axis=1) - 0.5 * np.einsum("nk,kl,nl->n", miss, precision, miss))

    width = size + len(levels) + len(about["effects"])
    start = 0.3 * np.random.default_rng(seed).standard_normal((WALKERS, width))
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(WALKERS, width, log_density, moves=moves, vectorize=True)
    sampler.random_state = np.random.MT19937(seed).state
    sampler.run_mcmc(start, STEPS)
    chain = sampler.get_chain(discard=BURN)
    kept = {
        n: x.reshape(chain.shape[:2]) for n, x in columns_of(chain.reshape(-1, width), about, store["priors"]).items()
    }
    out = {}
    for name, x in kept.items():
        time = float(emcee.autocorr.integrated_time(x[:, :, None], quiet=True)[0])
        effective = x.size / time
        out[name] = [
            float(x.mean()),
            float(x.std()),
            float(x.std() / effective**0.5),
            float(x.std() / (2 * effective) ** 0.5),
        ]
    return out


def sample(file: Path) -> None:
    """Write the answers: with all points of the design, and what halves of it say apart."""
    store = dict(np.load(file))
    about = json.loads(str(store["about"]))
    own = kernels(store["inputs"], store["values"], store["noise"])
    whole = posterior(store, about, own, slice(None), 1)
    halves = [posterior(store, about, own, slice(i, None, 2), 2 + i) for i in (0, 1)]
    rows = {}
    for name, (mean, sd, mean_error, sd_error) in whole.items():
        apart = [abs(halves[0][name][i] - halves[1][name][i]) / 2 for i in (0, 1)]
        rows[name] = {"mean": mean, "sd": sd, "errors": [mean_error, sd_error], "emulator_errors": apart}
    scatter = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    answers = {
        "answers": rows,
        "es_mda": scatter,
        "errors_of_emulators": dict(zip(about["figures"], own[1], strict=True)),
        **about,
    }
    ANSWERS.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    for name, row in rows.items():
        other = scatter["means"].get(name, [float("nan")] * 2)
        print(f"{name:<40}{row['mean']:>9.3f}{row['sd']:>8.3f}   ES-MDA {other[0]:>9.3f}{other[1]:>8.3f}")


if __name__ == "__main__":
    {"simulate": simulate, "seeds": seeds, "sample": sample}[sys.argv[1]](Path(sys.argv[2]))
