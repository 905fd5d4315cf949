"""Anchored in doing it: what CONTRIBUTING.md says of adding things is done to a copy of the library, and works there.

The files that an addition touches are counted; words of a folder count as one, whatever the number of languages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DISTRIBUTION = '''

@dataclass(frozen=True)
class Laplace(Distribution):
    """Laplace: `location` and `scale`; the standard deviation is sqrt(2) times the scale."""

    location: float
    scale: float
    family: ClassVar[str] = "laplace"
    fields: ClassVar[tuple[str, ...]] = ("location", "scale")

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        p = np.asarray(u, dtype=float) - 0.5
        return np.asarray(self.location - self.scale * np.sign(p) * np.log1p(-2 * np.abs(p)))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.location

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(2) * self.scale

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (-_INF, _INF)

    def _times(self, factor: float) -> Laplace:
        return Laplace(self.location * factor, self.scale * factor, rule=self.rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Mean (or median) kept, standard deviation `se`."""
        return cls(value, se / math.sqrt(2), rule=se_rule(centre, se))
'''
METHOD = '''"""How far perfect information would raise the net benefit at most, over the draws."""

from __future__ import annotations

from costeff.analysis.evaluation import EvaluationData


def most_information(evaluation: EvaluationData, wtp: float) -> float:
    """The largest gain of any draw from knowing it, in currency per individual."""
    net = wtp * evaluation.effect - evaluation.cost
    return float((net.max(axis=1) - net[:, net.mean(axis=0).argmax()]).max())
'''
FIGURE = '''"""Costs by draw, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.analysis.evaluation import EvaluationData


def costs_by_draw(evaluation: EvaluationData) -> go.Figure:
    """One line per strategy, in currency per individual."""
    import plotly.graph_objects as go

    lines = zip(evaluation.strategies, evaluation.cost.T, strict=True)
    return go.Figure([{"type": "scatter", "name": name, "y": costs} for name, costs in lines], {"height": 400})
'''
COMMAND = '''"""spread: how far the costs of a table of draws spread."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended


@main.command("spread")
@click.argument("table")
@mended
def spread_(table: str) -> None:
    """Standard deviation of each strategy's cost over the draws of TABLE."""
    from costeff.analysis.read_psa import read_psa

    evaluation = read_psa(table)
    for name, sd in zip(evaluation.strategies, evaluation.cost.std(axis=0), strict=True):
        click.echo(f"{name} {sd:g}")
'''
TABLE = "cost_a,cost_b,effect_a,effect_b\n1,4,0,1\n3,4,0,3\n"
PARAMETER = "value: 2, unit: number, distribution: laplace, se: 1, kind: assumption"


class Copy:
    """A copy of the library in which files are written and edited; it remembers which."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.touched = folder, set[str]()
        shutil.copytree(ROOT / "costeff", folder / "costeff", ignore=shutil.ignore_patterns("__pycache__", "_bundled"))
        for name in ("models", "parameters", "scenarios", "designs", "schemas", "pyproject.toml"):
            (folder / name).symlink_to(ROOT / name)

    def write(self, file: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / file).exists()
        (self.folder / file).write_text(text, encoding="utf-8")
        self.touched.add(file)

    def edit(self, file: str, before: str, after: str) -> None:
        """The first place of a text in a file, replaced."""
        text = (self.folder / file).read_text("utf-8")
        assert before in text, (file, before)
        (self.folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
        path = Path(file)
        self.touched.add(str(path.parent if path.parent.name == "words" else path))

    def imports(self, file: str, line: str, before: str) -> None:
        """One more import in a file."""
        self.edit(file, before, f"{line}\n{before}")

    def runs(self, code: str) -> str:
        """What code prints in a process of its own that imports the copy."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        return ran.stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_distribution_touches_three_files_at_most(copy: Copy) -> None:
    file = "costeff/evidence/distributions/symmetric.py"
    text = (ROOT / file).read_text("utf-8")
    copy.edit(file, text, text + DISTRIBUTION)
    keys = "costeff/evidence/keys.py"
    copy.edit(keys, "symmetric import Fixed, Normal", "symmetric import Fixed, Laplace, Normal")
    copy.edit(keys, "(Beta, Gamma, Lognormal", "(Beta, Gamma, Laplace, Lognormal")
    (copy.folder / "figures.yaml").write_text(f"parameters:\n  fee: {{{PARAMETER}}}\n", encoding="utf-8")
    said = copy.runs(
        "from costeff.evidence import read_evidence\n"
        "fee = read_evidence('figures.yaml').draw(20000, 1)['fee'].values\n"
        "print(abs(fee.mean() - 2) < 0.05, abs(fee.std() - 1) < 0.05)"
    )
    assert said == "True True"
    assert len(copy.touched) == 2


def test_a_method_of_information_touches_four_files_at_most(copy: Copy) -> None:
    copy.write("costeff/voi/most_information.py", METHOD)
    copy.imports("costeff/api.py", "from costeff.voi.most_information import most_information", "from costeff.voi.evpi")
    copy.edit("costeff/api.py", "    evpi = evpi\n", "    evpi = evpi\n    most_information = most_information\n")
    command = "costeff/voi/command.py"
    copy.edit(command, "[printed_voi(*tables), ", "[printed_voi(*tables), printed_most(evaluation, wtp), ")
    copy.edit(command, "import figures_voi, ", "import figures_voi, printed_most, ")
    text = "costeff/voi/text.py"
    copy.imports(text, "from costeff.voi.most_information import most_information", "from costeff.voi.optimism")
    sentence = "f'At most {most_information(evaluation, wtp[0]):g} in any draw.'"
    printed = f"def printed_most(evaluation, wtp):\n    return {sentence}\n\n\ndef near_ties("
    copy.edit(text, "def near_ties(", printed)
    rows = "".join(f"{k},{1 + 2 * (k % 2)},4,0,{1 + 2 * (k % 2)}\n" for k in range(60))
    (copy.folder / "psa.csv").write_text(f"price,cost_a,cost_b,effect_a,effect_b\n{rows}", encoding="utf-8")
    said = copy.runs("from costeff.cli import main; main(['voi', 'psa.csv', '--wtp', '1'], standalone_mode=False)")
    # Net benefits -1, -3 and -3, -1: the first strategy is taken, and knowing the second draw is worth 2.
    assert "At most 2 in any draw." in said
    assert len(copy.touched) <= 4


def test_a_figure_in_the_report_touches_three_files_at_most(copy: Copy, tmp_path: Path) -> None:
    copy.write("costeff/cea/figures/costs_by_draw.py", FIGURE)
    report = "costeff/study/report/report.py"
    line = "from costeff.cea.figures.costs_by_draw import costs_by_draw"
    copy.imports(report, line, "from costeff.cea.figures.plane")
    added = 'panel["uncertainty"].append(add("costs_by_draw", costs_by_draw(evaluation), "caption_costs_by_draw"))'
    copy.edit(report, '    panel["by_year"] = []', f'    {added}\n    panel["by_year"] = []')
    for language, title in (("en", "Costs by draw"), ("da", "Omkostninger pr. trækning")):
        words = f"costeff/cea/words/{language}.yaml"
        added_words = f"\ncosts_by_draw: {title}\ncaption_costs_by_draw: {title}.\ncaption_plane:"
        copy.edit(words, "\ncaption_plane:", added_words)
    copy.runs(
        "from costeff import load\n"
        "load('sick_sicker').psa(draws=20, seed=1, progress=False).report('report.html', language='da')"
    )
    assert "Omkostninger pr. trækning" in (copy.folder / "report.html").read_text("utf-8")
    assert len(copy.touched) == 3


def test_a_command_touches_three_files_at_most(copy: Copy) -> None:
    copy.write("costeff/cea/command_spread.py", COMMAND)
    registered = "costeff/cli/__init__.py"
    copy.imports(registered, "from costeff.cea import command_spread as spread", "from costeff.cli import everyday")
    (copy.folder / "psa.csv").write_text(TABLE, encoding="utf-8")
    said = copy.runs("from costeff.cli import main; main(['spread', 'psa.csv'], standalone_mode=False)")
    assert said == "a 1\nb 0"
    assert len(copy.touched) == 2
