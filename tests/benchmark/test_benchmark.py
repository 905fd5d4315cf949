"""Anchored in the form of the JSON that issue 3 asks for, with sizes so small that no time means anything."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from costeff.benchmark import benchmark, printed
from costeff.benchmark.models import KRIJKAMP, krijkamp
from costeff.benchmark.warmup import warmup
from costeff.benchmark.workloads import WORKLOADS, Asked, interleaved, repeated
from costeff.cli import main
from costeff.errors import EngineError
from costeff.numerics.kernel_cache import configure, is_compiled

MICRO = {
    "person_cycles_per_second",
    "kernel_person_cycles_per_second",
    "ns_per_sojourn_per_thread",
    "ratio_to_stepping",
    "ratio_to_weekly",
    "sojourns_per_second",
    "sojourns_per_life",
}
EVERY = {"seconds", "seconds_min", "repeats", "threads", "peak_mb"}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    told: list[str] = []
    made = benchmark(quick=True, threads=2, only=("c", "d"), scale=0.002, tell=told.append)
    assert len(told) == 3
    return json.loads(json.dumps(made))


def test_the_json_has_the_form_asked_for(found: dict[str, Any]) -> None:
    assert {"machine", "versions", "compile", "workloads"} <= set(found)
    assert {"processor", "cores", "memory_gb", "load_average", "date"} <= set(found["machine"])
    assert {"costeff", "python", "numpy", "numba"} <= set(found["versions"])
    assert found["compile"]["warm_seconds"] > 0
    assert set(found["workloads"]) == {"c", "d"}
    assert set(found["workloads"]["c"]) >= MICRO | EVERY
    assert EVERY | {"draws", "draw_cycles_per_second"} <= set(found["workloads"]["d"])
    for work in found["workloads"].values():
        assert work["threads"] == 2
        assert 0 < work["seconds_min"] <= work["seconds"]
        assert work["peak_mb"] > 20


def test_rates_follow_from_size_and_seconds(found: dict[str, Any]) -> None:
    work = found["workloads"]["c"]
    assert work["person_cycles"] == 200 * 31 * 2
    assert work["person_cycles_per_second"] == pytest.approx(work["person_cycles"] / work["seconds"])
    assert work["same_as_stepping"] is True
    assert work["sojourns"] / 400 == work["sojourns_per_life"]


def test_the_words_name_every_workload(found: dict[str, Any]) -> None:
    text = printed(found)
    assert "Krijkamp" in text
    assert "Sick-Sicker" in text
    assert "the same answers" in text


def test_an_unknown_workload_is_refused() -> None:
    with pytest.raises(EngineError, match="unknown workload 'z'"):
        benchmark(only=("z",))


def test_the_shell_writes_the_json(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["benchmark", "--only", "z"])
    assert ended.exit_code == 2
    assert "one of a, b, c, d, e, f" in ended.stderr
    assert set(WORKLOADS) == set("abcdef")


def test_krijkamp_in_the_benchmark_is_krijkamps_model() -> None:
    """The exact expectation of the published model: cost 62,706.6 and 117,544.6, QALYs 15.2977 and 15.8056."""
    totals = WORKLOADS["c"].run(Asked(threads=2, quick=True, scale=0.5))["totals"]
    assert krijkamp().strategy_names == ("none", "treatment")
    assert len(KRIJKAMP) == 4
    # Monte Carlo errors of the published program at n = 100,000 are 121 and 232, 0.0170 and 0.0174; here n = 50,000.
    for value, exact, error in zip(totals["cost"], (62_706.6184841914, 117_544.569267859), (121, 232), strict=True):
        assert abs(value - exact) < 4 * error * 2**0.5
    for value, exact, error in zip(totals["qaly"], (15.2977375819436, 15.8055519741264), (0.0171, 0.0175), strict=True):
        assert abs(value - exact) < 4 * error * 2**0.5


def test_the_first_call_is_not_among_the_repeats() -> None:
    calls: list[int] = []
    made = repeated(lambda: calls.append(1), budget=60, most=3)
    assert (len(calls), made["repeats"]) == (4, 3)
    assert len(interleaved([lambda: None, lambda: None], 3)) == 2


def test_warming_up_meets_every_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each engine says which kernel it is about to use; warming up goes through all of them."""
    announced: set[tuple[str, str]] = set()
    for module in ("engine.cohort.cohort", "engine.events.microsim", "engine.events.replay", "numerics.quantiles"):
        engine = importlib.import_module(f"costeff.{module}")
        monkeypatch.setattr(engine, "announce", lambda name, function, *wait: announced.add((name, function)))
    warmup(lambda _: None)
    met = {function for _, function in announced}
    # What is announced is looked for by the name under which it is kept.
    assert [
        pair for pair in sorted(announced) if not is_compiled(*pair)
    ] == []  # announced by the names they are kept by
    engines = {"live_draws", "live_lanes", "live_stays", "live_group"}
    assert met == engines | {"replay_lives", "beta_block", "gamma_block"}


def test_warming_up_mends_a_damaged_cache(tmp_path: Path) -> None:
    """The command says once which folder is damaged, compiles what is lost, and ends well."""
    own = configure()
    warmup(lambda _: None)  # the folder may hold kernels of another checkout only
    folder = tmp_path / own.name
    shutil.copytree(own, folder)
    damaged = list(folder.rglob("*gamma_block*.nbc"))
    for path in damaged:
        path.write_bytes(path.read_bytes()[:100])
    env = {**os.environ, "COSTEFF_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "costeff.cli", "warmup"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-500:]
    assert ran.stderr.count(str(folder)) == 1, ran.stderr
    assert any(path.exists() and path.stat().st_size > 100 for path in damaged)
