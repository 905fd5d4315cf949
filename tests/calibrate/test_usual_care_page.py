"""The page on usual care in TKI2 shows what was printed, and the lot and the priors as they were committed."""

from __future__ import annotations

import hashlib
import re

import calibration_lot
import pytest

from costeff.bundled import data_dir

DOCS = data_dir("parameters").parent / "docs"
PAGE = (DOCS / "calibration_tki2.md").read_text(encoding="utf-8")
PRINTED = (DOCS / "calibration_tki2.txt").read_text(encoding="utf-8")
PRIORS = "a7a1095380e6f437"


def test_tables_are_those_that_were_printed() -> None:
    blocks = re.findall(r"```text\n(.*?)```", PAGE, re.S)
    results = [block for block in blocks if "Distinct start" in block or "Contraction" in block]
    assert len(results) == 2
    assert all(block in PRINTED for block in results)


@pytest.mark.parametrize(
    ("figure", "pattern"),
    [
        ("1.03", r"this calibration +111 +(\S+)"),
        ("8 %", r"this calibration +111 +\S+ +9 \( ?(\d+)%\)"),
        ("-4.3", r"log density (\S+); of the plain average"),
        ("-25.3", r"of the family (\S+)"),
        ("1.00", r"binomial p (\S+)\)"),
    ],
)
def test_figures_in_words_are_those_printed(figure: str, pattern: str) -> None:
    found = re.search(pattern, PRINTED)
    assert found is not None
    assert found[1] == figure.removesuffix(" %")
    assert figure in PAGE.split("**What it says.**")[1]


def test_lot_is_the_one_on_the_page() -> None:
    papers = calibration_lot.drawable()
    lot, _ = calibration_lot.draw(papers)
    text = "\n".join(f"{name}: {', '.join(papers[name])}" for name in sorted(lot))
    assert calibration_lot.digest(text) in PAGE
    assert all(name in PAGE for name in lot)


def test_blind_priors_have_not_changed_since_the_first_fit() -> None:
    """The parameters of the file, comments apart, as committed in 015d227."""
    text = (DOCS.parent / "parameters" / "tki2_blind_priors.yaml").read_text(encoding="utf-8")
    parameters = text[text.index("parameters:") :]
    assert hashlib.sha256(parameters.encode("utf-8")).hexdigest().startswith(PRIORS)
