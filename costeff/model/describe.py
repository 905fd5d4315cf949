"""Prints a model as a reviewer would check it, in English or Danish, as plain text or HTML. It computes nothing."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.catalogue import check_language
from costeff.model.checks.units import units_of
from costeff.model.describe_amounts import counted_mark, dated_lines
from costeff.model.describe_lives import clock_text, effect_text, hazard_text
from costeff.model.describe_system import system_lines
from costeff.model.describe_words import Words
from costeff.model.names import pricing_names, simulation_names

if TYPE_CHECKING:
    from costeff.model.model import Model


WIDTH = 110


@dataclass
class Section:
    """A heading with lines, (text, depth) each, or with a table: a header and rows of equal length."""

    title: str
    lines: list[tuple[str, int]] = field(default_factory=list)
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *parts: str, depth: int = 0) -> None:
        """One line of the parts that are not empty, joined by semicolons."""
        self.lines.append(("; ".join(part for part in parts if part), depth))


def describe(model: Model, evidence: Any = None, language: str = "en") -> str:
    """The model as plain text of at most 110 columns; with evidence also parameters, sources and assumptions.

    Raises ScenarioError for a language that has no words.
    """
    blocks = [model.title[check_language(language)]]
    for section in sections(model, evidence, language):
        lines = [section.title, "-" * min(len(section.title), WIDTH)]
        for text, depth in section.lines:
            lines += _wrapped(text, depth)
        for row in section.rows:
            lines += _wrapped(f"{row[0]}: " + "; ".join(cell for cell in row[1:] if cell), 0)
        blocks.append("\n".join(lines))
    blocks[0] += "\n" + "=" * min(len(blocks[0]), WIDTH)
    return "\n\n".join(blocks) + "\n"


def _wrapped(text: str, depth: int) -> list[str]:
    indent = "  " * depth
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ", break_on_hyphens=False)


def describe_html(model: Model, evidence: Any = None, language: str = "en") -> str:
    """The same as an HTML fragment: an h2, then an h3 with a list or a table for each section; everything escaped."""
    outline = sections(model, evidence, language)
    parts = [f'<section class="costeff-model"><h2>{html.escape(model.title[language])}</h2>']
    for section in outline:
        parts.append(f"<h3>{html.escape(section.title)}</h3>")
        if section.lines:
            parts.append(_nested(section.lines))
        if section.rows:
            head = "".join(f"<th>{html.escape(cell)}</th>" for cell in section.header)
            rows = ("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in section.rows)
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>")
    return "\n".join([*parts, "</section>"])


def _nested(lines: list[tuple[str, int]]) -> str:
    items = (f'<li style="margin-left: {1.5 * depth}em">{html.escape(text)}</li>' for text, depth in lines)
    return f"<ul>{''.join(items)}</ul>"


def sections(model: Model, evidence: Any = None, language: str = "en") -> list[Section]:
    """The sections of the description, in the order a reviewer reads them; empty ones are left out."""
    check_language(language)
    say = Words(language)
    outline = [] if evidence is None else [_differences(evidence, say)]
    outline += [_conventions(model, say), _states(model, say), *_individuals(model, say), _clocks(model, say)]
    outline += [_transitions(model, say), _strategies(model, say), *_money(model, say), *_results(model, say)]
    outline.append(_structural(model, say))
    if evidence is not None:
        outline += _evidence(model, evidence, say)
    outline.append(_changes(model, say))
    return [section for section in outline if section.lines or section.rows]


def _conventions(model: Model, say: Words) -> Section:
    c, section = model.conventions, Section(say("conventions"))
    file = Path(model.file).name if model.file else say("python")
    section.add(say("model_line", name=model.name, file=file, parameters=model.parameters))
    years = say.number(c.horizon / c.cycles_per_year)
    section.add(say("cycle", cycle=say(c.cycle), per_year=c.cycles_per_year, horizon=c.horizon, years=years))
    section.add(say(f"within_{c.within_cycle}"))
    cost, effect = c.discount_rate_cost.text, c.discount_rate_effect.text
    section.add(say("discounting", rule=say(c.discounting), cost=cost, effect=effect))
    for band in c.discount_bands:
        section.add(say("discount_band", after=band.after, cost=band.cost.text, effect=band.effect.text), depth=1)
    if c.events_at != "start":
        section.add(say(f"events_at_{c.events_at}"))
    basis = f", {c.price_basis[say.language]}" if str(c.price_basis) else ""
    section.add(say("money", currency=c.currency, year=c.price_year, basis=basis))
    if c.entry_date:
        section.add(say("entry", date=c.entry_date))
    section.add(say(f"beyond_{c.beyond_table}"))
    return section


def _states(model: Model, say: Words) -> Section:
    section = Section(say("states"))
    exit_states = {t.source for t in model.transitions} | {d.source for d in model.deadlines}
    for s in model.states:
        marks = [] if s.alive else [say("not_alive")]
        marks += [] if s.name in exit_states else [say("absorbing")]
        section.add(f"{s.name}: {s.label[say.language]}", *marks)
    return section


def _individuals(model: Model, say: Words) -> Iterator[Section]:
    section = Section(say("definitions"))
    for name, expression in model.definitions.items():
        section.add(f"{name} = {expression.text}")
    yield section
    section = Section(say("dated", rules=model.rules))
    for line in dated_lines(model, say):
        section.add(line)
    yield section
    section = Section(say("population"))
    for a in model.attributes:
        unit = f" [{a.unit}]" if a.unit else ""
        if a.categories is not None:
            shares = ", ".join(f"{name} {e.text}" for name, e in a.categories.items())
            section.add(f"{a.name}{unit}: {shares}")
        elif a.value is not None:
            section.add(f"{a.name}{unit} = {a.value.text}")
    section.add(say("start", name=model.start))
    yield section


def _clocks(model: Model, say: Words) -> Section:
    section = Section(say("clocks"))
    section.add(say("clock_built_in"))
    for clock in model.clocks:
        section.add(f"{clock.name}: {clock_text(clock, say)}")
    return section


def _transitions(model: Model, say: Words) -> Section:
    if model.system is not None:
        return Section(say("system"), list(system_lines(model.system, say)))
    section = Section(say("transitions"))
    for state in model.state_names:
        leaving = [t for t in model.transitions if t.source == state]
        ends = [d for d in model.deadlines if d.source == state]
        if leaving or ends:
            section.add(say("from", state=state))
        for t in leaving:
            section.add(f"-> {t.target}{_called(t.name, state, t.target)}: {hazard_text(t, say)}", depth=1)
            for effect in (e for e in model.strategy_effects if {t.leg, t.name} & set(e.legs)):
                section.add(effect_text(model, effect, say), depth=3)
        for d in ends:
            text = say("deadline", clock=d.clock, at=d.at.text)
            section.add(f"-> {d.target}{_called(d.name, state, d.target)}: {text}", depth=1)
    return section


def _called(name: str, source: str, target: str) -> str:
    return "" if name == f"{source} -> {target}" else f" ({name})"


def _strategies(model: Model, say: Words) -> Section:
    section = Section(say("strategies"))
    for s in model.strategies:
        effects = [e for e in model.strategy_effects if e.strategy == s.name]
        marks = [say("comparator") if s.name == model.comparator else "", "" if effects else say("no_effect")]
        marks.append(say("start", name=s.start) if s.start else "")
        section.add(f"{s.name}: {s.label[say.language]}", *marks)
        for e in effects:
            section.add(f"{effect_text(model, e, say)}, {say('on_legs', legs=_names(e.legs))}", depth=1)
    return section


def _money(model: Model, say: Words) -> Iterator[Section]:
    section = Section(say("bands"))
    for b in model.bands:
        section.add(f"{b.name}: {say('band', intervals=', '.join(b.labels), clock=b.clock)}")
    yield section
    section = Section(say("parties"))
    for p in model.parties:
        section.add(f"{p.name}: {p.label[say.language]}", say("outside") if p.outside else "")
    yield section
    section = Section(say("flows"))
    for flow in model.flows:
        head = f"{flow.item} ({flow.label[say.language]}): {flow.payer} -> {flow.recipient}"
        section.add(head, *_flow_parts(flow, say), counted_mark(model, [*flow.amounts.values()], say))
    yield section
    section = Section(say("perspectives"))
    for v in model.perspectives:
        filters = [say("only_items", items=_names(v.items))] if v.items else []
        filters += [say("without_items", items=_names(v.exclude_items))] if v.exclude_items else []
        filters += [say("factor", factor=v.factor.text)] if v.factor is not None else []
        if v.tax_financing is not None:
            paid_by = _names(v.tax_financing.parties)
            filters += [say("tax_financing", rate=v.tax_financing.rate.text, parties=paid_by)]
        section.add(f"{v.name} ({v.label[say.language]}): {_names(v.parties)}", *filters)
    yield section


def _flow_parts(flow: Any, say: Words) -> Iterator[str]:
    if flow.of is not None:
        yield say("of", item=flow.of)
    elif flow.per == "cycle":
        by_amount: dict[str, list[str]] = {}
        for state, e in flow.amounts.items():
            by_amount.setdefault(e.text, []).append(state)
        for amount, states in by_amount.items():
            yield say("per_cycle", states=_names(states), amount=amount)
    else:
        amount, names = flow.amounts[""].text, _names(flow.transitions)
        yield say(f"per_{flow.per}", amount=amount, **({"transitions": names} if names else {}))
    if flow.weight:
        yield say("weight", weight=flow.weight)
    for share in flow.shares:
        values = ", ".join(e.text for e in share.values)
        bands = " x ".join(share.bands)
        yield say("share_by", bands=bands, values=values) if bands else say("share", share=values)
    if flow.strategies:
        yield say("only_under", names=_names(flow.strategies))
    if flow.only_in:
        yield say("only_in", names=_names(flow.only_in))
    if flow.real is not None:
        yield say("real", tag=flow.real)
    marks = ("programme", "gross", "negative", "needs_simulation", "adds", "after_death")
    yield from (say(mark) for mark in marks if getattr(flow, mark))


def _results(model: Model, say: Words) -> Iterator[Section]:
    section = Section(say("passages"))
    for p in model.passages:
        text = say("passage", stay=p.stay, states=_names(p.states))
        section.add(f"{p.name} ({p.label[say.language]}): {text}")
    yield section
    section = Section(say("effects"))
    for e in model.effects:
        discounting = "" if e.passage else say("discounted" if e.discount else "undiscounted")
        factor = say("factor", factor=e.factor.text) if e.factor is not None else ""
        within = say("within", n=e.within) if e.within is not None and e.passage is None else ""
        if e.events:
            counting = say("events", names=_names(e.events))
        elif e.passage is not None and e.mean_within is not None:
            counting = say("passage_mean", name=e.passage, n=e.mean_within)
        else:
            counting = say("passage_share", name=e.passage, n=e.within) if e.passage is not None else ""
        head = f"{e.name} ({e.label[say.language]}) [{e.unit}]: {say(f'better_{e.better}')}"
        without = say("without", states=_names(e.without)) if e.without else ""
        section.add(head, counting, within, factor, discounting, without)
        for term in e.terms:
            if term.events:
                parts = [say("term_events", amount=term.amount.text, names=_names(term.events))]
            else:
                parts = [say("term", amount=term.amount.text, states=_names(term.states))]
            parts += [say("by_band", band=term.band)] if term.band else []
            parts += [say("weight", weight=term.weight)] if term.weight else []
            parts += [say("only_under", names=_names(term.strategies))] if term.strategies else []
            parts += [say("within", n=term.within)] if term.within is not None else []
            parts += [mark for mark in [counted_mark(model, [term.amount], say)] if mark]
            section.add("+ " + "; ".join(parts), depth=1)
    yield section


def _structural(model: Model, say: Words) -> Section:
    section = Section(say("structural"))
    for a in model.assumptions:
        section.add(f"{a.name}: {a.text[say.language]}")
    return section


def _evidence(model: Model, evidence: Any, say: Words) -> Iterator[Section]:
    columns = ("name", "value", "unit", "interval", "kind", "source")
    section = Section(say("parameters"), header=tuple(say(c) for c in columns))
    for p in evidence.parameters.values():
        kind = say(f"kind_{p.kind}")
        section.rows.append((_labelled(evidence, p, say), *_value(p, say), kind, _sources(evidence, p)))
    yield section
    section = Section(say("assumptions"), header=tuple(say(c) for c in (*columns[:4], "note")))
    for p in evidence.parameters.values():
        if p.kind == "assumption":
            section.rows.append((_labelled(evidence, p, say), *_value(p, say), _note(p, say)))
    for table in evidence.tables.values():
        if table.kind == "assumption":
            section.rows.append((table.name, "", table.unit, "", table.note))
    if not section.rows:
        section.add(say("none"))
    yield section
    section = Section(say("tables"), header=tuple(say(c) for c in ("name", "unit", "kind", "source", "note")))
    for t in evidence.tables.values():
        section.rows.append((t.name, t.unit, say(f"kind_{t.kind}"), _sources(evidence, t), t.note))
    yield section
    section = Section(say("units"))
    unknown = units_of(model, evidence).unknown
    section.add(say("units_unknown", formulas=", ".join(unknown)) if unknown else say("units_checked"))
    yield section


def _differences(evidence: Any, say: Words) -> Section:
    """What a scenario set in the place of the model's figures, each with both values and what they rest on."""
    columns = ("name", "here", "note", "in_the_model")
    section = Section(say("differences"), header=tuple(say(c) for c in columns))
    for p in evidence.parameters.values():
        model = p.replaces
        if model is None:
            continue
        (value, unit, spread), (was, was_unit, was_spread) = _value(p, say), _value(model, say)
        own_parts = (f"{value} {unit}", spread, say(f"kind_{p.kind}"), _sources(evidence, p))
        here = ", ".join(part for part in own_parts if part)
        there = f"{was} {was_unit}" if was_unit != unit else was
        rest = (was_spread, say(f"kind_{model.kind}"), _sources(evidence, model))
        model_text = f"{say('in_the_model')}: {', '.join(part for part in (there, *rest) if part)}"
        if p.made_certain:
            model_text += f"; {say('made_certain')}"
        note = _note(p, say).split("; the model has ")[0]  # which stands in the last column, in the reader's language
        section.rows.append((_labelled(evidence, p, say), here, note, model_text))
    return section


def _note(parameter: Any, say: Words) -> str:
    """The note in the reader's language, where it is written in it."""
    return str(parameter.notes.get(say.language, parameter.note))


def _labelled(evidence: Any, parameter: Any, say: Words) -> str:
    """The name that formulas use, and the label that people read where there is one."""
    label = evidence.labels.get(parameter.name)
    return f"{parameter.name} ({label[say.language]})" if label else str(parameter.name)


def _value(parameter: Any, say: Words) -> tuple[str, str, str]:
    """(value, unit with price year, 95 % interval) of a parameter."""
    value = say.number(parameter.value)
    if parameter.centre == "median":
        value = say("median", value=value)
    if parameter.meant:
        value = say("meant", value=value)
    unit = parameter.unit + (f", {parameter.price_year}" if parameter.price_year else "")
    low, high = parameter.interval()
    if low == high:
        return value, unit, say("fixed")
    interval_text, declared_interval = say("to", low=say.number(low), high=say.number(high)), parameter.spread.declared
    declared_text = (
        interval_text
        if declared_interval is None
        else say("to", low=say.number(declared_interval[0]), high=say.number(declared_interval[1]))
    )
    return (
        value,
        unit,
        interval_text
        if declared_text == interval_text
        else say("drawn_declared", drawn=interval_text, declared=declared_text),
    )


def _sources(evidence: Any, thing: Any) -> str:
    return "; ".join(evidence.sources[key].title for key in thing.source if key in evidence.sources)


def _changes(model: Model, say: Words) -> Section:
    section = Section(f"{say('reprice')} / {say('resimulate').lower()}")
    for key, names in (("reprice", pricing_names(model)), ("resimulate", simulation_names(model))):
        section.add(f"{say(key)}: {_names(sorted(names)) or say('none')}")
    section.add(say("also_simulate"))
    items = dict.fromkeys(f.item for f in model.flows if f.needs_simulation)
    if items:
        section.add(say("flows_simulate", items=_names(items)))
    return section


def _names(names: Any) -> str:
    return ", ".join(names)
