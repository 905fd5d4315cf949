"""Figures of a calibration hold what its figures say, in their order and in both languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from costeff.calibrate.figures import fit_figure, fit_figures
from costeff.calibrate.validation import ComparedFigure
from costeff.reporting.outputs import write_figures


def figure(name: str, title: str, use: str, family: str, share: bool, published: tuple[float, ...]) -> ComparedFigure:
    """A figure whose bands are shares of its value."""
    value = published[0]
    prior, posterior = (value * 0.7, value * 1.3), tuple(value * x for x in (0.9, 0.95, 1.05, 1.1))
    return ComparedFigure(name, title, "s", family, use, share, published, prior, posterior, 0.1)


FIGURES = (
    figure("a", "First <b>", "calibrate", "return", True, (0.4, 0.3, 0.5)),
    figure("b", "Second", "holdout", "return", True, (0.7, 0.65, 0.8)),
    figure("c", "Weeks", "calibrate", "return", False, (12, 10, 15)),
    figure("d", "Own", "calibrate", "my family", True, (0.2, 0.1, 0.3)),
    figure("e", "None", "calibrate", "", True, (0.2, 0.1, 0.3)),
)


def test_one_figure_for_each_family_and_kind() -> None:
    assert list(fit_figures(FIGURES)) == ["fit_return", "fit_return_numbers", "fit_my family", "fit_other"]


def test_figure_shows_bands_and_intervals() -> None:
    prior, wide, narrow, published = fit_figure(FIGURES[:2], "return").data
    assert list(published.x) == [0.4, 0.7]
    assert list(published.error_x.array) == pytest.approx([0.1, 0.1])
    assert list(published.error_x.arrayminus) == pytest.approx([0.1, 0.05])
    for trace, low, high in ((prior, 0.7, 1.3), (wide, 0.9, 1.1), (narrow, 0.95, 1.05)):
        ends = np.array(trace.x).reshape(2, 3)
        np.testing.assert_allclose(ends[:, 0], [0.4 * low, 0.7 * low])
        np.testing.assert_allclose(ends[:, 1], [0.4 * high, 0.7 * high])
        assert np.isnan(ends[:, 2]).all()  # the line breaks between rows


def test_held_out_is_marked_and_text_is_safe() -> None:
    texts = fit_figure(FIGURES[:2], "return", "da").layout.yaxis.ticktext
    assert texts[0] == "First &lt;b&gt;"
    assert texts[1] == "Second (holdt ude)"


def test_numbers_have_a_log_axis_and_say_so() -> None:
    numbers = fit_figure([FIGURES[2]], "return")
    assert numbers.layout.xaxis.type == "log"
    assert numbers.layout.meta["title"].endswith("return to work, weeks and ratios")
    assert fit_figure([FIGURES[0]], "return").layout.xaxis.range == (0, 1)


@pytest.mark.parametrize(("language", "words"), [("en", "Published figures"), ("da", "Offentliggjorte tal")])
def test_pages(tmp_path: Path, language: str, words: str) -> None:
    names = write_figures(str(tmp_path / "pages"), fit_figures(FIGURES), language)
    assert set(names) <= {path.name for path in (tmp_path / "pages").iterdir()}
    assert words in (tmp_path / "pages" / "fit_return.html").read_text(encoding="utf-8")
