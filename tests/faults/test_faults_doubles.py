"""Lines written twice, and what is missing or lost: each is refused, with the line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault import fault

import costeff
from costeff.errors import CosteffError

MODELS = Path(costeff.__file__).parents[1] / "models"

HEAD = """
model: small
title: Small
parameters: ./small_parameters.yaml
conventions: {cycle: year, cycles_per_year: 1, horizon: 5 years, discount_rate_cost: 0, discount_rate_effect: 0,
              currency: DKK, price_year: 2024}
states: {well: {label: Well}, ill: {label: Ill}, dead: {label: Dead, alive: false}}
population: {start_state: {categories: {well: 1}}}
start: start_state
clocks: {}
strategies: {usual: {label: Usual}, new: {label: New}, newer: {label: Newer}}
parties: {payer: {label: Payer}, citizen: {label: Citizen}, resources: {outside: true, label: Resources}}
perspectives: {payer: {label: Payer, parties: [payer]}}
"""
PARTS = {
    "transitions": """
  - {from: well, to: ill, hazard: h, leg: onset}
  - {from: [well, ill], to: dead, hazard: 0.05}
""",
    "strategy_effects": """
  - {strategy: new, legs: [onset], ratio: 0.8}
""",
    "flows": """
  - {item: care, from: payer, to: resources, states: [well, ill], amount: 10, real: care}
  - {item: onset, from: payer, to: resources, per: event, transitions: [onset], amount: 5, real: onset}
  - {item: visit, from: payer, to: resources, per: start, amount: 7, strategies: [new], programme: true, real: visit}
  - {item: fee, from: citizen, to: payer, of: care, share: 0.1}
""",
    "effects": """
  qaly:
    label: QALY
    unit: QALY
    better: more
    terms:
      - {states: [well], amount: 0.9}
      - {states: [ill], amount: 0.6}
      - {events: [onset], amount: -0.1}
""",
}


def written(folder: Path, **more: str) -> Path:
    """The small model with lines added to sections; a text with `=>` replaces instead."""
    text = HEAD
    for section, lines in PARTS.items():
        extra = more.get(section, "")
        old, arrow, new = extra.partition("=>")
        body = lines.replace(old.strip(), new.strip()) if arrow else f"{lines.rstrip()}\n{extra}\n"
        assert not arrow or old.strip() in lines
        text += f"{section}:{body if body.startswith(chr(10)) else chr(10) + body}"
    figures = "title: Numbers\nparameters:\n  h: {value: 0.2, unit: hazard per year, kind: assumption}\n"
    (folder / "small_parameters.yaml").write_text(figures, encoding="utf-8")
    file = folder / "small.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def case(kind: str, given: str, right: str, match: str, **more: str) -> object:
    return pytest.param(more, match, id=given, marks=fault(kind=kind, given=given, right=right))


TWICE, LOST = "a line written twice", "what is missing or lost"
REFUSED = [
    case(
        TWICE,
        "an exit copied",
        "refused",
        "second exit without a name.*the first stands at line",
        transitions="  - {from: well, to: ill, hazard: h, leg: onset}",
    ),
    case(
        TWICE,
        "an exit again from one of several states",
        "refused",
        "'ill' is left for 'dead' by a second exit",
        transitions="  - {from: ill, to: dead, hazard: 0.02}",
    ),
    case(
        TWICE,
        "a flow copied",
        "refused",
        "flow 'care' is written twice.*remove one",
        flows="  - {item: care, from: payer, to: resources, states: [well, ill], amount: 10, real: care}",
    ),
    case(
        TWICE,
        "a flow of another amount in one of its states",
        "refused",
        "flow 'care' is written twice for 'ill'",
        flows="  - {item: care, from: payer, to: resources, states: [ill], amount: 99, real: care}",
    ),
    case(
        TWICE,
        "a flow again under one strategy",
        "refused",
        "flow 'care' is written twice for 'well' under 'newer'",
        flows="  - {item: care, from: payer, to: resources, amount: {well: 3}, strategies: [newer], real: care}",
    ),
    case(
        TWICE,
        "an event priced by its leg and by its name",
        "refused",
        "flow 'onset' is written twice",
        flows="  - {item: onset, from: payer, to: resources, per: event, transitions: [well -> ill], amount: 6,"
        " real: onset}",
    ),
    case(
        TWICE,
        "a cost at the start, for two sets of strategies",
        "refused",
        "flow 'visit' .* under 'new'",
        flows="  - {item: visit, from: payer, to: resources, per: start, amount: 9, strategies: [newer, new],"
        " programme: true, real: visit}",
    ),
    case(
        TWICE,
        "a share of a flow copied",
        "refused",
        "flow 'fee' is written twice",
        flows="  - {item: fee, from: citizen, to: payer, of: care, share: 0.2}",
    ),
    case(
        TWICE,
        "a utility copied",
        "refused",
        "effect 'qaly' has two terms for 'ill'",
        effects="      - {states: [ill], amount: 0.6}",
    ),
    case(
        TWICE,
        "a utility of two states beside each of them",
        "refused",
        "effect 'qaly' has two terms for 'well'",
        effects="      - {states: [well, ill], amount: 0.05}",
    ),
    case(
        TWICE,
        "a loss per event twice",
        "refused",
        "effect 'qaly' has two terms",
        effects="      - {events: [well -> ill], amount: -0.2}",
    ),
    case(
        TWICE,
        "a strategy's effect copied",
        "refused",
        "a second effect on an exit",
        strategy_effects="  - {strategy: new, legs: [onset], ratio: 0.8}",
    ),
    case(
        TWICE,
        "a copied line that says it adds",
        "refused",
        "the same in everything",
        flows="  - {item: care, from: payer, to: resources, states: [ill], amount: 1, real: care, adds: true}\n"
        "  - {item: care, from: payer, to: resources, states: [ill], amount: 1, real: care, adds: true}",
    ),
    case(
        "a saving taken twice",
        "a saving beside a cost over usual care",
        "refused, with both readings",
        "takes a saving off the programme's cost.*write `gross: true`",
        flows="  - {item: saved, from: payer, to: resources, states: [ill], amount: -1, negative: true,"
        " programme: true, strategies: [new], real: saved}",
    ),
    case(
        LOST,
        "a living state without a utility",
        "refused",
        "no utility for 'ill'.*`without: .ill.`",
        effects="- {states: [ill], amount: 0.6} => - {states: [ill], amount: 0.6, within: 1}",
    ),
    case(
        LOST,
        "a utility under one strategy only",
        "refused",
        "no utility for 'ill' under 'usual'",
        effects="- {states: [ill], amount: 0.6} => - {states: [ill], amount: 0.6, strategies: [new, newer]}",
    ),
    case(
        LOST,
        "a programme that the comparator pays too",
        "refused",
        "'visit' of the programme is paid under 'usual'",
        flows="strategies: [new], programme => programme",
    ),
    case(
        LOST,
        "care paid to the dead",
        "refused",
        "'care' is paid each cycle in 'dead'",
        flows="states: [well, ill], amount: 10 => states: [well, ill, dead], amount: 10",
    ),
    case(
        LOST,
        "health of the dead",
        "refused",
        "gives QALYs to the dead",
        effects="- {states: [well], amount: 0.9} => - {states: [well, dead], amount: 0.9}",
    ),
]


@pytest.mark.parametrize(("more", "match"), REFUSED)
def test_refused(more: dict[str, str], match: str, tmp_path: Path) -> None:
    file = written(tmp_path, **more)
    with pytest.raises(CosteffError, match=f"(?s){match}") as caught:
        costeff.load(file)
    assert "small.yaml, line" in str(caught.value)
    assert "Way out: " in str(caught.value)


def test_the_small_model_itself_is_accepted(tmp_path: Path) -> None:
    assert costeff.load(written(tmp_path)).model.state_names == ("well", "ill", "dead")


COPIED = {
    "flows": "  - {item: care, from: health_care, to: resources, amount",
    "effects": "      - {states: [S2], amount: u_S2}",
    "strategy effects": "  - {strategy: AB, legs: [progression]",
    "transitions": "  - {from: S1, to: S2, probability",
}


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(start, id=f"sick_sicker, {name}", marks=fault(TWICE, f"sick_sicker, {name}", "refused"))
        for name, start in COPIED.items()
    ],
)
def test_a_copied_line_of_a_shipped_model(start: str, tmp_path: Path) -> None:
    lines = (MODELS / "sick_sicker.yaml").read_text(encoding="utf-8").splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith(start))
    file = tmp_path / "copied.yaml"
    file.write_text("\n".join([*lines[:number], lines[number], *lines[number:]]), encoding="utf-8")
    with pytest.raises(CosteffError, match=r"second|twice|two terms"):
        costeff.load(file)
