"""Figures of a calibration hold what its table says, in the order of the targets and in both languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from costeff.calibrate import CalibrationPlan, Target
from costeff.calibrate.figures import fit_figure, fit_figures
from costeff.calibrate.statistic import Statistic
from costeff.reporting.outputs import write_figures

TARGETS = (
    Target("a", "First <b>", "calibrate", Statistic("state_share", 4, ("x",)), 0.4, (0.3, 0.5), family="return"),
    Target("b", "Second", "holdout", Statistic("state_share", 4, ("x",)), 0.7, (0.65, 0.8), family="return"),
    Target("c", "Weeks", "calibrate", Statistic("median_weeks", 4, ("x",)), 12, (10, 15), family="return"),
    Target("d", "Own", "calibrate", Statistic("state_share", 4, ("x",)), 0.2, (0.1, 0.3), family="my family"),
    Target("e", "None", "calibrate", Statistic("state_share", 4, ("x",)), 0.2, (0.1, 0.3)),
)
PLAN = CalibrationPlan(TARGETS, {}, 0.1)


@pytest.fixture
def fit() -> pd.DataFrame:
    rows = []
    for k, t in enumerate(TARGETS):
        spans = {"published": t.value, "published_low": t.interval[0], "published_high": t.interval[1]}
        for kind, wide in (("prior", 0.3), ("model", 0.1)):
            spans |= {kind: t.value, f"{kind}_low": t.value * (1 - wide) + k, f"{kind}_high": t.value * (1 + wide) + k}
        rows.append({"target": t.name, **spans})
    return pd.DataFrame(rows).iloc[::-1]


def test_one_figure_for_each_family_and_kind(fit: pd.DataFrame) -> None:
    assert list(fit_figures(PLAN, fit)) == ["fit_return", "fit_return_numbers", "fit_my family", "fit_other"]


def test_figure_shows_the_table(fit: pd.DataFrame) -> None:
    prior, model, published = fit_figure(list(TARGETS[:2]), fit, "return").data
    assert list(published.x) == [0.4, 0.7]
    assert list(published.error_x.array) == pytest.approx([0.1, 0.1])
    assert list(published.error_x.arrayminus) == pytest.approx([0.1, 0.05])
    for trace, wide in ((prior, 0.3), (model, 0.1)):
        ends = np.array(trace.x).reshape(2, 3)
        np.testing.assert_allclose(ends[:, 0], [0.4 * (1 - wide), 0.7 * (1 - wide) + 1])
        np.testing.assert_allclose(ends[:, 1], [0.4 * (1 + wide), 0.7 * (1 + wide) + 1])
        assert np.isnan(ends[:, 2]).all()  # the line breaks between rows


def test_held_out_is_marked_and_text_is_safe(fit: pd.DataFrame) -> None:
    texts = fit_figure(list(TARGETS[:2]), fit, "return", "da").layout.yaxis.ticktext
    assert texts[0] == "First &lt;b&gt;"
    assert texts[1] == "Second (holdt ude)"


def test_numbers_have_a_log_axis(fit: pd.DataFrame) -> None:
    assert fit_figure([TARGETS[2]], fit, "return").layout.xaxis.type == "log"
    assert fit_figure([TARGETS[0]], fit, "return").layout.xaxis.range == (0, 1)


@pytest.mark.parametrize(("language", "words"), [("en", "Published figures"), ("da", "Offentliggjorte tal")])
def test_pages(fit: pd.DataFrame, tmp_path: Path, language: str, words: str) -> None:
    names = write_figures(str(tmp_path / "pages"), fit_figures(PLAN, fit), language)
    assert set(names) <= {path.name for path in (tmp_path / "pages").iterdir()}
    assert words in (tmp_path / "pages" / "fit_return.html").read_text(encoding="utf-8")
