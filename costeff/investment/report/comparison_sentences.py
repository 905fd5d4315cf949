"""Several cases side by side, in sentences: which is best for whom, how surely, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from costeff.analysis.settled import replicates_of, settled
from costeff.catalogue import check_language, say
from costeff.investment.compare import NOTHING
from costeff.investment.report.comparison_names import inside_of, title_of
from costeff.reporting.numbers import one_of_currency, write_large, write_percent

if TYPE_CHECKING:
    from costeff.investment.report.comparison_content import CasesContent


def cases_sentences(content: CasesContent, language: str = "en") -> list[str]:
    """Which case is best for the decider and how surely, and who would choose another."""
    check_language(language)
    top = content.ranking.iloc[0]
    name = inside_of(content, content.decider, language)
    chance = write_percent(float(top["best"]), language)
    if top["case"] == NOTHING:
        said_best = say("says_nothing_best", language, name=name, probability=chance)
    else:
        money = write_large(float(top["mean"]), language, currency=content.currency, error=_known(top["mcse"]))
        said_best = say(
            "says_best",
            language,
            case=title_of(content, str(top["case"]), language),
            name=name,
            money=money,
            probability=chance,
        )
    return [
        said_best,
        *_lead(content, language),
        *_by_size(content, language),
        *_other_choices(content, language),
        *_same(content, language),
        *_shared(content, language),
        *overlap_sentences(content, language),
        *_within_limits(content, language),
    ]


def _same(content: CasesContent, language: str) -> list[str]:
    """Cases that are one case under several names: a rank between them would mean nothing."""
    return [
        say("says_same", language, list=_listed([title_of(content, n, language) for n in group], language))
        for group in content.same
    ]


def _within_limits(content: CasesContent, language: str) -> list[str]:
    """Which cases are chosen together under each limit that was asked for."""
    texts = []
    for x in content.portfolios:
        if not math.isinf(x.limit):
            limit = write_large(x.limit, language, currency=content.currency)
            names = [title_of(content, name, language) for name in x.cases] or [say("no_case", language)]
            texts.append(say("says_within", language, limit=limit, list=_listed(names, language)))
    return texts


def _by_size(content: CasesContent, language: str) -> list[str]:
    """Which case gains most for each citizen and each krone, where that is not the one that gains most in all."""
    top, texts = str(content.ranking.iloc[0]["case"]), []
    if len(content.names) < 2 or top == NOTHING:
        return []
    for key, sentence in (("per_citizen", "says_per_citizen"), ("per_krone", "says_per_krone")):
        values = {n: v for n, x in content.sizes.items() if not math.isnan(v := float(getattr(x, key)))}
        best = max(values, key=lambda n: values[n], default=top)
        if best != top:
            unit = one_of_currency(content.currency, language)
            texts.append(say(sentence, language, case=title_of(content, best, language), unit=unit))
    return texts


def overlap_sentences(content: CasesContent, language: str) -> list[str]:
    """Which cases may reach the same citizens and how that is known, and whether others are added up."""
    if len(content.names) < 2:
        return []

    def titles(names: Sequence[str]) -> str:
        return _listed([title_of(content, n, language) for n in names], language)

    texts = [say("note_apart", language, list=titles(group)) for group in content.apart]
    texts += [say("note_unknown", language, list=titles(pair)) for pair in content.unknown]
    every = len(content.names) * (len(content.names) - 1) // 2
    shared_pairs = {frozenset(pair) for group in content.apart for pair in combinations(group, 2)}
    if len(shared_pairs) < every:
        texts.append(say("note_others_differ" if shared_pairs else "note_all_differ", language))
    if content.declared:
        texts.append(say("note_declared", language))
    return texts


def _lead(content: CasesContent, language: str) -> list[str]:
    """How far the first is ahead of the next (doing nothing is one of them), and whether chance explains it."""
    top, following = (content.ranking.iloc[i] for i in (0, 1))
    ahead, error = float(top["ahead"]), float(top["ahead_mcse"])
    names = {"case": title_of(content, str(top["case"]), language), "next": _next(content, following, language)}
    if ahead == 0:
        return [say("says_equal", language, **names)]
    if math.isnan(error):
        return [say("says_one_draw", language)]
    money, spread = (write_large(x, language, currency=content.currency, error=error) for x in (ahead, error))
    key = "says_ahead" if settled(ahead, error, replicates_of(content.draws, content.replicates)) else "says_close"
    return [say(key, language, money=money, error=spread, **names)]


def _next(content: CasesContent, row: Any, language: str) -> str:
    """The second of the ranking as it stands inside a sentence."""
    name = str(row["case"])
    return say("doing_nothing", language) if name == NOTHING else title_of(content, name, language)


def _other_choices(content: CasesContent, language: str) -> list[str]:
    """A sentence for each choice that others than the decider would make, by expected present value."""
    own = str(content.ranking.iloc[0]["case"])
    fans: dict[str, list[str]] = {}
    for payer, worth in content.worth.items():
        choices = {NOTHING: 0.0, **worth}
        best = max(choices, key=lambda n: choices[n])
        if payer != content.decider and best != own:
            fans.setdefault(best, []).append(inside_of(content, payer, language))
    return [
        say("says_other_choice", language, case=title_of(content, case, language), list=_listed(who, language))
        for case, who in fans.items()
    ]


def _listed(names: Sequence[str], language: str) -> str:
    """Names in a row, the last after an 'and'."""
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {say('and', language)} {names[-1]}"


def _shared(content: CasesContent, language: str) -> list[str]:
    return [say("says_shared_luck", language)] if len(content.names) > 1 else []


def _known(value: Any) -> float | None:
    return None if math.isnan(float(value)) else float(value)
