"""Check of flows by what their names and labels say: a tax comes from who received, a refund goes to who paid."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from costeff.catalogue import FIRST, languages, say
from costeff.model import Flow, Model
from costeff.verification.money import CITIZEN
from costeff.verification.subject import Subject
from costeff.verification.verdict import Verdict, check, of_names, without

KINDS = ("other", "refund", "funding", "own_payment", "tax", "income", "production")
"""Kinds of money, the more telling first: a refund of a benefit is a refund."""


@cache
def _words(kind: str, language: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in say(f"verify_words_{kind}", language).split(","))


def _tells(kind: str, text: str, language: str) -> bool:
    """Whether a text in a language tells a kind of money.

    >>> _tells("tax", "Kommuneskat", "da"), _tells("tax", "Taxi to hospital", "en")
    (True, False)
    """
    plain = f" {text.lower().replace('_', ' ')} "
    start = "" if language != FIRST else " "  # other languages join words, and the last part is what a thing is
    return any(f"{start}{word} " in plain for word in _words(kind, language))


def kind_of(flow: Flow) -> str:
    """What the name of a flow says it is, or else its label in some language; '' where none tells."""
    by_name = next((kind for kind in KINDS if _tells(kind, flow.item, FIRST)), "")
    by_label = next(
        (k for k in KINDS if any(_tells(k, flow.label[language], language) for language in languages())), ""
    )
    kind = by_name or by_label
    return "" if kind == "other" else kind


def _refund_runs(flow: Flow, model: Model) -> bool:
    """To who paid what is refunded, or to who refunded that; or back from who received it."""
    if flow.of is None:  # nothing says of what: whoever is refunded pays people where they are
        return any(f.payer == flow.recipient and f.recipient == CITIZEN for f in model.flows) or not _has(
            model, CITIZEN
        )
    others = [f for f in model.flows if f.of == flow.of and f != flow and kind_of(f) == "refund"]
    return any(
        flow.recipient in {base.payer, *(f.payer for f in others if f.recipient == base.payer)}
        or flow.payer == base.recipient
        for base in model.flows
        if base.item == flow.of
    )


def _funding_runs(flow: Flow, model: Model) -> bool:
    """To who pays what is funded; not judged where nothing says what that is."""
    bases = [f for f in model.flows if f.item == flow.of]
    return not bases or any(flow.recipient == base.payer for base in bases)


def _has(model: Model, party: str) -> bool:
    return any(p.name == party for p in model.parties)


def _tax_runs(flow: Flow, model: Model) -> bool:
    """Not to people, and of a flow from who received or paid it."""
    bases = [f for f in model.flows if f.item == flow.of]
    return flow.recipient != CITIZEN and (not bases or any(flow.payer in (b.recipient, b.payer) for b in bases))


def _outside(model: Model, party: str) -> bool:
    return any(p.outside for p in model.parties if p.name == party)


RULES: dict[str, Callable[[Flow, Model], bool]] = {
    "refund": _refund_runs,
    "funding": _funding_runs,
    "own_payment": lambda flow, _: flow.recipient != CITIZEN,
    "tax": _tax_runs,
    "income": lambda flow, _: flow.payer != CITIZEN,
    "production": lambda flow, model: not _outside(model, flow.recipient),
}


@check("money_runs_as_its_names_say", "money", "35, 83")
def money_runs_as_its_names_say(subject: Subject) -> Verdict:
    """Refunds, taxes, incomes, own payments and production, told by name or label, run the way of their kind."""
    model = subject.model
    kinds = [(flow, kind) for flow in model.flows if not flow.negative and (kind := kind_of(flow))]
    if not kinds:
        return without("no_kind_of_money")
    return of_names([f.item for f, kind in kinds if not RULES[kind](f, model)], len(kinds))
