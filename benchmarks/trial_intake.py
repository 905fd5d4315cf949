"""Times a register of 100,000 people and 520 weeks from file to money: python benchmarks/trial_intake.py FORM [PEOPLE]

FORM: csv, parquet, xpt, dta or sas7bdat (which R's haven writes, as nothing in Python does; haven calls its own writer
experimental). Reads, maps codes to states, makes lives and prices them by the model's ledger. Prints seconds of each
part and the peak of memory; the bar is 30 s and 3 GB for csv and parquet, 120 s for SAS and Stata.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from costeff import load
from costeff.trial.lens import read_lens, states_seen
from costeff.trial.lives import lives_of_weeks
from costeff.trial.pricing import base_prices, priced
from costeff.trial.quality import Refusals
from costeff.trial.register import read_register
from costeff.trial.weeks import column_of

WEEKS, FIRST = 520, 1500


def codes(people: int) -> np.ndarray:
    """Codes (people, weeks) of spells of about ten weeks: none, 890, 113, 730, 870."""
    luck = np.random.default_rng(1)
    change = luck.random((people, WEEKS)) < 0.1
    change[:, 0] = True
    drawn = luck.choice(np.array([0, 890, 113, 730, 870], np.int16), (people, WEEKS), p=[0.5, 0.2, 0.15, 0.1, 0.05])
    last = np.maximum.accumulate(np.where(change, np.arange(WEEKS), 0), axis=1)
    return np.take_along_axis(drawn, last, axis=1)


def write(path: Path, table: np.ndarray) -> None:
    """A file of the form that its ending names."""
    names = [column_of(FIRST + w) for w in range(WEEKS)]
    ids = [f"S{i:06d}" for i in range(len(table))]
    if path.suffix == ".csv":
        text = np.array(["" if c == 0 else str(c) for c in range(1000)], object)
        with path.open("w", encoding="utf-8") as file:
            file.write(";".join(["person", *names]) + "\n")
            for own, row in zip(ids, table, strict=True):
                file.write(own + ";" + ";".join(text[row]) + "\n")
        return
    import pandas as pd

    frame = pd.DataFrame(table, columns=names)
    frame.insert(0, "person", ids)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
        return
    import pyreadstat

    if path.suffix == ".sas7bdat":
        import subprocess

        source = path.with_suffix(".dta")
        pyreadstat.write_dta(frame, str(source))
        script = f"haven::write_sas(haven::read_dta({str(source)!r}), {str(path)!r})"
        subprocess.run(["Rscript", "-e", script], check=True)
        source.unlink()
    elif path.suffix == ".dta":
        pyreadstat.write_dta(frame, str(path))
    else:
        pyreadstat.write_xport(frame, str(path), file_format_version=5)


def main(form: str, people: int) -> None:
    study, lens = load("tki2"), read_lens("dream")
    prices = base_prices(study)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"register.{form}"
        if len(sys.argv) < 4:  # written by a process of its own, whose memory does not count
            import subprocess

            subprocess.run([sys.executable, __file__, form, str(people), str(path)], check=True)
        start, began = time.perf_counter(), time.process_time()
        register = read_register(path, lens, Refusals(path.name))
        read = time.perf_counter()
        weeks = states_seen(register.groups, lens, study.model)
        lives = lives_of_weeks(weeks, study.model, "usual_care")
        mapped = time.perf_counter()
        ledger = priced(lives, prices)
        end, used = time.perf_counter(), time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    cost = ledger.cost("msb")[0].sum() / people
    parts = {"read": read - start, "mapped": mapped - read, "priced": end - mapped, "in all": end - start}
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in parts.items())
    print(f"{form}: {people} people x {WEEKS} weeks: {seconds} ({used:.1f} s of processor), peak {peak:.2f} GB")
    print(f"cost of MSB: {cost:,.0f} DKK each")


if __name__ == "__main__":
    asked_people = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    if len(sys.argv) > 3:
        write(Path(sys.argv[3]), codes(asked_people))
    else:
        main(sys.argv[1], asked_people)
