"""Puts small faults into the ledger and the measures of a case, one at a time, and asks whether a test fails.

    python tests/mutation/mutate.py                  all faults; writes result.md (about 10 minutes on 2 cores)
    python tests/mutation/mutate.py --only NAME      only faults whose name holds NAME; writes nothing

The tests are collected once. Each fault lives in a process of its own, forked after that: it takes the code of the
changed function and runs tests until one fails. A fault that no test sees is a survivor; survivors.md says of each why
it is harmless, and the run fails when one is not named there.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
import types
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from mutation.small_faults import Mutant, digest, mutants  # noqa: E402  # found through the line above

HERE = Path(__file__).parent
RESULT, SURVIVORS = HERE / "result.md", HERE / "survivors.md"
LEAST_CAUGHT = 0.90
#: Of processor time: a fault may make a test run without end, and that is seen too.
SECONDS = 200
WORKERS = 2
#: What is noted of a fault that makes its module impossible to load.
BROKEN = "the module does not load"

#: Tests that must see the faults of the ledger.
LEDGER = (
    "tests/ledger/test_ledger_edges.py",
    "tests/ledger/test_counted_events.py",
    "tests/ledger/test_ledger_hand_table.py",
    "tests/ledger/test_ledger_twin.py",
    "tests/ledger/test_ledger_identities.py",
    "costeff/ledger/flows.py",
)
#: Changed module -> the tests that must see its faults.
TARGETS = {
    "costeff.ledger.effects": LEDGER,
    "costeff.ledger.flows": LEDGER,
    "costeff.ledger.line_prices": LEDGER,
    "costeff.ledger.perspectives": LEDGER,
    "costeff.investment.measures": ("tests/investment/test_measures.py", "costeff/investment/measures.py"),
}
#: Functions of test files, kept by `functools.cache`, that are called before any fault is put in: what they make does
#: not depend on the changed modules.
PREPARED = {"test_ledger_hand_table": ("where", "parameters")}
#: Functions that only serve doctests.
NOT_CHANGED = {"_example"}


Fork = tuple[int, int]
"""Number of a process, and the pipe on which it says which test failed."""


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: the test that saw it, `without end`, or '' when none did."""

    module: str
    mutant: Mutant
    seen_by: str

    @property
    def name(self) -> str:
        return f"{self.module.removeprefix('costeff.')} {self.mutant.name}"


def path_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def digests() -> dict[str, str]:
    """Hash of each changed module's code, by module."""
    return {module: digest(path_of(module), NOT_CHANGED) for module in sorted(TARGETS)}


# -- one fault -----


def take(module: types.ModuleType, mutant: Mutant) -> None:
    """Give the functions of a loaded module the code of the changed text; constants are set."""
    changed = types.ModuleType(module.__name__)
    changed.__dict__.update(__file__=module.__file__, __package__=module.__package__)
    sys.modules[module.__name__], kept = changed, module  # dataclasses look themselves up
    try:
        exec(compile(mutant.tree, str(module.__file__), "exec"), changed.__dict__)
    finally:
        sys.modules[module.__name__] = kept
    replace_code(module, changed, module.__name__)


def replace_code(old: Any, new: Any, module: str) -> None:
    """Code of the functions and methods of `module`, and its plain constants, from one module or class into another."""
    for name, value in list(vars(new).items()):
        present = vars(old).get(name)
        if isinstance(value, types.FunctionType) and value.__module__ == module:
            present.__code__ = value.__code__
            present.__defaults__, present.__kwdefaults__ = value.__defaults__, value.__kwdefaults__
        elif isinstance(value, property) and value.fget is not None and value.fget.__module__ == module:
            present.fget.__code__ = value.fget.__code__
        elif isinstance(value, type) and value.__module__ == module:
            replace_code(present, value, module)
        elif isinstance(value, int | float) and not name.startswith("__"):
            setattr(old, name, value)


def in_child(module: str, mutant: Mutant | None, items: list[pytest.Item], report: int) -> None:
    """Run tests until one fails and write its name to `report`; never returns."""
    if mutant is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        if mutant is not None:
            take(import_module(module), mutant)
        failed = first_failure(items)
    except BaseException as error:
        failed = f"{BROKEN}: {type(error).__name__}"
    os.write(report, failed.encode())
    os._exit(0)


def first_failure(items: list[pytest.Item]) -> str:
    for item, following in zip(items, [*items[1:], None], strict=True):
        for phase in pytest_runner().runtestprotocol(item, nextitem=following, log=False):
            if phase.failed:
                return item.nodeid
    return ""


def prepare(items: list[pytest.Item]) -> None:
    """Make once what the processes of all faults can share."""
    modules = {item.module.__name__: item.module for item in items if isinstance(item, pytest.Function)}
    for name, functions in PREPARED.items():
        for function in functions if name in modules else ():
            getattr(modules[name], function)()


def pytest_runner() -> Any:
    return import_module("_pytest.runner")


# -- all faults ----


class Runner:
    """Pytest's loop over the collected tests, replaced by one over faults."""

    def __init__(self, module: str, faults: list[Mutant]) -> None:
        self.module, self.faults = module, faults
        self.outcomes: list[Outcome] = []

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = list(session.items)
        prepare(items)
        sound = self.wait({self.start(None, items): None})
        if sound[1]:
            raise pytest.UsageError(f"without any fault, {sound[1]} fails")
        at_work: dict[Fork, Mutant | None] = {}
        for mutant in self.faults:
            if len(at_work) == WORKERS:
                items = self.finish(at_work, items)
            at_work[self.start(mutant, items)] = mutant
        while at_work:
            items = self.finish(at_work, items)
        return True

    def start(self, mutant: Mutant | None, items: list[pytest.Item]) -> Fork:
        """A fork that tries one fault."""
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            in_child(self.module, mutant, items, writing)
        os.close(writing)
        return process, reading

    def wait(self, at_work: dict[Fork, Mutant | None]) -> tuple[Fork, str]:
        """The first fork to end, with the test that failed in it."""
        while True:
            for fork in at_work:
                process, reading = fork
                done, status = os.waitpid(process, os.WNOHANG)
                if done:
                    seen_by = os.read(reading, 10_000).decode() if status == 0 else "without end"
                    os.close(reading)
                    return fork, seen_by
            time.sleep(0.02)

    def finish(self, at_work: dict[Fork, Mutant | None], items: list[pytest.Item]) -> list[pytest.Item]:
        """Note one outcome; the test that saw the fault is tried first from now on."""
        fork, seen_by = self.wait(at_work)
        mutant = at_work.pop(fork)
        assert mutant is not None
        self.outcomes.append(Outcome(self.module, mutant, seen_by))
        print(f"{seen_by or 'NOT SEEN'} <- {self.outcomes[-1].name}", flush=True)
        return sorted(items, key=lambda item: item.nodeid != seen_by)


def try_module(module: str, only: str) -> list[Outcome]:
    faults = [
        mutant
        for mutant in mutants(path_of(module).read_text("utf-8"))
        if mutant.function not in NOT_CHANGED and only in mutant.name
    ]
    if not faults:
        return []
    runner = Runner(module, faults)
    tests = [str(ROOT / test) for test in TARGETS[module]]
    print(f"{module}: {len(faults)} faults")
    options = ["-qq", "--no-header", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(ROOT)]
    code = pytest.main([*options, *tests], plugins=[runner])
    if code != 0 or len(runner.outcomes) != len(faults):
        sys.exit(f"the tests of {module} could not be run (pytest says {code})")
    return runner.outcomes


# -- what is written -----


def reasons() -> dict[str, str]:
    """Why each fault that no test sees is harmless, by its name; from survivors.md."""
    rows = re.findall(r"^- (.+?)\n  (.+(?:\n  .+)*)", SURVIVORS.read_text("utf-8"), re.M)
    return {name: " ".join(reason.split()) for name, reason in rows}


def report(outcomes: list[Outcome], seconds: float) -> str:
    alive = [outcome for outcome in outcomes if not outcome.seen_by]
    head = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    lines = [
        "# Faults put into the ledger and the measures",
        "",
        f"Written by `nox -s mutate` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, after commit {commit}, "
        f"in {seconds:.0f} s.",
        "",
        "| module | hash of its code | faults | seen by a test |",
        "|---|---|---|---|",
    ]
    for module, text in digests().items():
        own = [outcome for outcome in outcomes if outcome.module == module]
        lines.append(f"| {module} | {text} | {len(own)} | {sum(bool(outcome.seen_by) for outcome in own)} |")
    seen = len(outcomes) - len(alive)
    lines += [
        f"| all | | {len(outcomes)} | {seen} |",
        "",
        f"{100 * seen / len(outcomes):.1f} % of the faults are seen. The others, why each is harmless in survivors.md:",
        "",
        *(f"- {outcome.name}" for outcome in alive),
        "",
    ]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    only = words[1] if words[:1] == ["--only"] else ""
    os.environ["CI"] = "1"
    begun = time.monotonic()
    outcomes = [outcome for module in TARGETS for outcome in try_module(module, only)]
    text = report(outcomes, time.monotonic() - begun)
    print(text)
    if only:
        return 0
    RESULT.write_text(text, encoding="utf-8")
    unexplained = [outcome.name for outcome in outcomes if not outcome.seen_by and outcome.name not in reasons()]
    print("\n".join(f"no reason in survivors.md: {name}" for name in unexplained))
    seen = sum(bool(outcome.seen_by) for outcome in outcomes)
    return 1 if unexplained or seen < LEAST_CAUGHT * len(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
