"""Anchored in equality of bits: workers of a cluster give what threads give, also when one of them is killed."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_calibrate import MODEL, PARAMETERS, targets_text
from test_parts import quantities, same_bits

from costeff import load, workplace
from costeff.calibrate import calibrate_command
from costeff.errors import EngineError, MissingExtraError
from costeff.investment.invest import invest
from costeff.simulation import simulate as simulation
from costeff.simulation.cluster import check_facts, machine_facts

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets that Dask leaves to the end of the process


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "part_size", lambda individuals: 8)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Two workers, each a process of its own, which the cluster replaces when they die."""
    from distributed import LocalCluster

    asked = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.CRITICAL}
    with LocalCluster(**asked) as cluster:
        yield cluster.scheduler_address


@cache
def whole() -> Any:
    return quantities(draws=64, individuals=100, threads=2)


def test_the_same_bits(address: str, tmp_path: Path) -> None:
    with workplace(scheduler=address) as place:
        assert place.width(1) == 2
        assert same_bits(quantities(draws=64, individuals=100), whole())
    with workplace(tmp_path, address) as place:
        assert same_bits(quantities(draws=64, individuals=100), whole())
        assert place.store is not None
        assert place.store.kept == 8
    with workplace(tmp_path):  # what a cluster worked out is read here
        assert same_bits(quantities(draws=64, individuals=100), whole())


def test_a_worker_is_killed(address: str) -> None:
    """By -9, when the first part is back."""
    with workplace(scheduler=address) as place:
        assert place.cluster is not None
        first = min(place.cluster.client.run(os.getpid).values())
        threading.Timer(0.1, os.kill, (first, signal.SIGKILL)).start()
        assert same_bits(quantities(draws=64, individuals=100), whole())
        place.cluster.client.wait_for_workers(2, timeout=60)
        assert first not in place.cluster.client.run(os.getpid).values()


def test_a_sensitivity_analysis(address: str) -> None:
    study = load("sick_sicker")
    asked = {"result": "incremental_cost", "strategy": "A", "engine": "microsim", "individuals": 20, "progress": False}
    here = study.gsa("morris", size=4, seed=1, **asked)
    with workplace(scheduler=address):
        there = study.gsa("morris", size=4, seed=1, **asked)
    assert there.table.equals(here.table)
    assert here.table["mu_star"].max() > 0


def test_a_calibration(address: str, tmp_path: Path) -> None:
    for name, text in (
        ("three", MODEL),
        ("three_parameters", PARAMETERS),
        ("three_parameters_targets", targets_text()),
    ):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    asked = {"seed": 1, "draws": 60, "individuals": 500, "progress": False}
    here = calibrate_command(tmp_path / "three.yaml", **asked)
    with workplace(scheduler=address):
        there = calibrate_command(tmp_path / "three.yaml", **asked)
    assert there.posterior.equals(here.posterior)
    assert there.fit.equals(here.fit)


def test_a_case(address: str) -> None:
    asked = {"draws": 2, "individuals": 4, "seed": 1, "progress": False}
    here = invest("tki2-aarhus-investment", **asked)
    with workplace(scheduler=address):
        there = invest("tki2-aarhus-investment", **asked)
    for name in ("time", "events", "passages", "trace"):
        one, other = (getattr(case.priced.done.quantities, name) for case in (here, there))
        assert np.array_equal(one, other)


def test_an_error_at_a_worker_is_that_of_threads(address: str) -> None:
    with pytest.raises(EngineError) as here:
        quantities("tki2", engine="cohort")
    with workplace(scheduler=address), pytest.raises(EngineError) as there:
        quantities("tki2", engine="cohort")
    assert str(there.value) == str(here.value)


# -- what is refused ----


def test_another_version_is_refused_by_name(address: str) -> None:
    """One of the workers has another version: the check at the start names it, and so does a task that it gets."""

    def older() -> None:
        import costeff
        from costeff.simulation import cluster

        cluster.machine_facts.cache_clear()
        real = cluster.version
        cluster.version = lambda name: "0.1.9" if name == costeff.__name__ else real(name)  # type: ignore[assignment]

    with workplace(scheduler=address) as place:
        assert place.cluster is not None
        client = place.cluster.client
        old = sorted(client.scheduler_info(n_workers=-1)["workers"])[0]
        client.run(older, workers=[old])
        with pytest.raises(EngineError, match=rf"worker {old}: .*other versions.*costeff 0.1.9 there"):
            quantities(draws=64, individuals=100)
    with pytest.raises(EngineError, match=rf"worker {old}: .*other versions"), workplace(scheduler=address):
        pytest.fail("nothing is run")


def test_what_must_be_the_same() -> None:
    own = machine_facts()
    check_facts("tcp://a:1", own, own)
    for name in own:
        with pytest.raises(EngineError, match=f"worker tcp://a:1: .*{name} 0 there, {own[name]} here"):
            check_facts("tcp://a:1", own | {name: "0"}, own)
    with pytest.raises(EngineError, match="costeff missing there"):
        check_facts("tcp://a:1", {}, own)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://"], ids=["nobody", "nonsense"])
def test_no_scheduler(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costeff.simulation.cluster.PATIENCE", 0.3)
    with pytest.raises(EngineError, match="no scheduler answers"), workplace(scheduler=address):
        pytest.fail("nothing is run")


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"costeff\[cluster\]"), workplace(scheduler="tcp://127.0.0.1:9"):
        pytest.fail("nothing is run")
