"""The words of a model's description, in English and Danish. Templates take their values by name."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "model": ("Model", "Model"),
    "model_line": (
        "Model '{name}' ({file}), parameters '{parameters}'",
        "Model '{name}' ({file}), parametre '{parameters}'",
    ),
    "python": ("built in Python", "bygget i Python"),
    # conventions
    "conventions": ("Conventions", "Konventioner"),
    "cycle": (
        "Cycle: {cycle}, {per_year} per year; horizon {horizon} cycles ({years} years)",
        "Cyklus: {cycle}, {per_year} pr. år; tidshorisont {horizon} cykler ({years} år)",
    ),
    "within_none": (
        "Within the cycle: none (a state entered at a cycle's start counts the whole cycle)",
        "Inden for cyklussen: ingen (en tilstand fra cyklussens start tæller hele cyklussen)",
    ),
    "within_half_cycle": (
        "Within the cycle: half-cycle correction",
        "Inden for cyklussen: halvcykluskorrektion",
    ),
    "within_simpson": ("Within the cycle: Simpson's rule", "Inden for cyklussen: Simpsons regel"),
    "within_none_end": (
        "Within the cycle: none (a state counts for the whole cycle at whose end it is held)",
        "Inden for cyklussen: ingen (en tilstand ved cyklussens slutning tæller hele cyklussen)",
    ),
    "within_both_ends": (
        "Within the cycle: all points counted, one cycle too many (only to replicate a published program)",
        "Inden for cyklussen: alle tidspunkter tælles, én cyklus for meget (kun for at gentage et publiceret program)",
    ),
    "within_darth": (
        "Within the cycle: published Simpson weights with shifted indices (only to replicate)",
        "Inden for cyklussen: publicerede Simpson-vægte med forskudte indeks (kun for at gentage)",
    ),
    "mid_cycle": ("from the middle of each cycle", "fra midten af hver cyklus"),
    "nominal": (
        "in steps of the yearly rate by the number of cycles",
        "i skridt af årsrenten delt med antal cykler",
    ),
    "discount_band": (
        "after {after} years: costs at {cost}, effects at {effect}",
        "efter {after} år: omkostninger med {cost}, effekter med {effect}",
    ),
    "events_at_middle": (
        "Events discounted from the middle of their cycle",
        "Hændelser diskonteres fra cyklussens midte",
    ),
    "events_at_end": (
        "Events discounted from the end of their cycle",
        "Hændelser diskonteres fra cyklussens slutning",
    ),
    "events_at_end_weighted": (
        "Events discounted and weighted like the point at the end of their cycle (only to replicate)",
        "Hændelser diskonteres og vægtes som tidspunktet ved cyklussens slutning (kun for at gentage)",
    ),
    "term_events": ("{amount} for each event of {names}", "{amount} for hver hændelse af {names}"),
    "by_band": ("t from band {band}", "t fra bånd {band}"),
    "discounting": (
        "Discounting: {rule}; costs at {cost}, effects at {effect}, per year",
        "Diskontering: {rule}; omkostninger med {cost}, effekter med {effect}, pr. år",
    ),
    "money": ("Money: {currency}, prices of {year}{basis}", "Penge: {currency}, {year}-priser{basis}"),
    "entry": ("Entry date: {date}", "Startdato: {date}"),
    "beyond_constant": (
        "A look-up past the last row of a table takes the last row",
        "Et opslag efter en tabels sidste række giver sidste række",
    ),
    "beyond_error": (
        "A look-up past the last row of a table is an error",
        "Et opslag efter en tabels sidste række er en fejl",
    ),
    # structure
    "states": ("States", "Tilstande"),
    "not_alive": ("not alive", "ikke i live"),
    "absorbing": ("no exits", "ingen udgange"),
    "definitions": ("Definitions", "Definitioner"),
    "population": ("Population, drawn anew for every draw", "Population, trukket på ny for hver trækning"),
    "start": ("First state: by {name}", "Første tilstand: efter {name}"),
    "clocks": ("Clocks, in cycles", "Ure, i cykler"),
    "clock_built_in": (
        "time_in_state: 0 on entering a state; time: 0 at the start; both advance always",
        "time_in_state: 0 ved indtræden i en tilstand; time: 0 ved start; begge går altid",
    ),
    "clock": ("starts at {initial}, {advances}{reset}", "begynder ved {initial}, {advances}{reset}"),
    "advances_always": ("advances in every state", "går i alle tilstande"),
    "advances_in": (
        "advances in {states} and stands still elsewhere",
        "går i {states} og står ellers stille",
    ),
    "reset_never": (", never reset", ", nulstilles aldrig"),
    "reset_leaving": ("; back to 0 on leaving {states}", "; tilbage til 0, når {states} forlades"),
    "reset_look_back": (
        "; back to 0 once {after} cycles were spent in {states} within the last {within}, counting only cycles after "
        "the latest placement{banked}",
        "; tilbage til 0, når {after} cykler er tilbragt i {states} inden for de seneste {within}; kun cykler efter "
        "den seneste placering tæller{banked}",
    ),
    "banked": (
        "; {banked} such cycles were earned before the start and ended {until} cycles before it",
        "; {banked} sådanne cykler var optjent før start og sluttede {until} cykler før",
    ),
    "transitions": ("Transitions, by state left", "Overgange, efter tilstanden der forlades"),
    "from": ("From {state}", "Fra {state}"),
    "hazard": ("hazard per cycle {formula}", "hazard pr. cyklus {formula}"),
    "probability": ("probability per cycle {formula}", "sandsynlighed pr. cyklus {formula}"),
    "on_clock": ("on clock {clock}", "på uret {clock}"),
    "multiplier": ("times the individual's {formula}", "gange individets {formula}"),
    "strata": ("by {names}", "efter {names}"),
    "leg": ("leg {leg}", "led {leg}"),
    "lifelong": (
        "one lifelong number '{name}' per individual, first within the cycle",
        "ét livslangt tal '{name}' pr. individ, først i cyklussen",
    ),
    "ratio": ("{strategy}: {scale} times {ratios}", "{strategy}: {scale} gange {ratios}"),
    "windows": ("{ratios} (cycles since the start)", "{ratios} (cyklus siden start)"),
    "window": ("{ratio} in cycles {first}-{last}", "{ratio} i cyklus {first}-{last}"),
    "window_last": ("{ratio} from cycle {first} on", "{ratio} fra cyklus {first}"),
    "deadline": (
        "for certain when clock {clock} reaches {at} (no multiplier, no strategy effect)",
        "med sikkerhed når uret {clock} når {at} (ingen multiplikator, ingen strategieffekt)",
    ),
    # strategies and money
    "strategies": ("Strategies", "Strategier"),
    "comparator": ("comparator", "sammenligningsgrundlag"),
    "no_effect": ("no effect on any hazard", "ingen effekt på nogen hazard"),
    "on_legs": ("on legs {legs}", "på led {legs}"),
    "bands": ("Bands", "Bånd"),
    "band": ("{intervals} cycles on clock {clock}", "{intervals} cykler på uret {clock}"),
    "parties": ("Parties", "Parter"),
    "outside": ("outside society", "uden for samfundet"),
    "flows": ("Flows of money, payer -> recipient", "Pengestrømme, betaler -> modtager"),
    "per_cycle": ("per cycle in {states}: {amount}", "pr. cyklus i {states}: {amount}"),
    "per_event": ("per event of {transitions}: {amount}", "pr. hændelse {transitions}: {amount}"),
    "per_start": ("once at the start: {amount}", "én gang ved start: {amount}"),
    "of": ("the amounts of {item}", "beløbene af {item}"),
    "weight": ("times the individual's {weight}", "gange individets {weight}"),
    "share": ("share {share}", "andel {share}"),
    "share_by": ("share by {bands}: {values}", "andel efter {bands}: {values}"),
    "only_under": ("only under {names}", "kun under {names}"),
    "only_in": ("only in perspective {names}", "kun i perspektivet {names}"),
    "real": ("real effect '{tag}'", "realeffekt '{tag}'"),
    "programme": ("the programme's own cost", "indsatsens egen omkostning"),
    "gross": (
        "its whole cost, not what it costs over usual care",
        "hele dens udgift, ikke merudgiften ved den",
    ),
    "negative": ("may be negative", "må være negativ"),
    "needs_simulation": ("needs simulation", "kræver simulation"),
    "adds": ("adds to other flows of the item", "lægges til andre strømme af posten"),
    "after_death": ("paid after death too", "betales også efter døden"),
    "without": ("0 in {states}, as meant", "0 i {states}, som tilsigtet"),
    "perspectives": (
        "Perspectives: cost is what flows out of the parties less what flows in",
        "Perspektiver: omkostningen er det, der går ud af parterne, minus det, der går ind",
    ),
    "only_items": ("only items {items}", "kun poster {items}"),
    "without_items": ("without items {items}", "uden poster {items}"),
    "factor": ("times {factor}", "gange {factor}"),
    "passages": ("First passages", "Første passager"),
    "passage": (
        "the first of {stay} consecutive cycles in {states} (spells may join across them)",
        "den første af {stay} cykler i træk i {states} (forløb må hænge sammen på tværs)",
    ),
    "effects": ("Effects", "Effekter"),
    "better_more": ("more is better", "flere er bedre"),
    "better_fewer": ("fewer is better", "færre er bedre"),
    "discounted": ("discounted", "diskonteret"),
    "undiscounted": ("not discounted", "ikke diskonteret"),
    "term": ("{amount} per cycle in {states}", "{amount} pr. cyklus i {states}"),
    "within": ("within {n} cycles", "inden for {n} cykler"),
    "events": ("events of {names}", "hændelser {names}"),
    "passage_share": (
        "share whose {name} began within {n} cycles",
        "andel, hvis {name} begyndte inden {n} cykler",
    ),
    "passage_mean": (
        "mean time to {name}, restricted to {n} cycles",
        "middeltid til {name}, højst {n} cykler",
    ),
    # evidence
    "parameters": ("Parameters", "Parametre"),
    "assumptions": ("Assumptions, each without a published source", "Antagelser, hver uden publiceret kilde"),
    "units": ("Units against use", "Enheder holdt op mod brugen"),
    "units_checked": (
        "the unit of every formula follows from its parameters and fits its place",
        "alle formlers enheder følger af deres parametre og passer til stedet",
    ),
    "units_unknown": (
        "not worked out from the units of parameters, so not checked: {formulas}",
        "kan ikke udledes af parametrenes enheder og er derfor ikke kontrolleret: {formulas}",
    ),
    "structural": ("Structural assumptions", "Strukturelle antagelser"),
    "tables": ("Tables", "Tabeller"),
    "none": ("none", "ingen"),
    "name": ("name", "navn"),
    "value": ("value", "værdi"),
    "unit": ("unit", "enhed"),
    "interval": ("95 % interval", "95 %-interval"),
    "kind": ("kind", "art"),
    "source": ("source", "kilde"),
    "note": ("note", "note"),
    "to": ("{low} to {high}", "{low} til {high}"),
    "differences": ("What differs from the model", "Det er ændret i forhold til modellen"),
    "here": ("here", "her"),
    "in_the_model": ("in the model", "i modellen"),
    "made_certain": ("uncertain there, certain here", "usikker dér, sikker her"),
    "drawn_declared": ("drawn {drawn} (declared {declared})", "trækkes {drawn} (angivet {declared})"),
    "fixed": ("fixed", "fast"),
    "median": ("median {value}", "median {value}"),
    "meant": ("{value}, unusual and meant", "{value}, usædvanlig og tilsigtet"),
    "kind_published": ("published", "publiceret"),
    "kind_derived": ("derived", "afledt"),
    "kind_calibrated": ("calibrated", "kalibreret"),
    "kind_assumption": ("assumption", "antagelse"),
    "reprice": ("Re-priced without a new simulation", "Kan ændres uden ny simulation"),
    "resimulate": ("Needs a new simulation", "Kræver ny simulation"),
    "also_simulate": (
        "Every change of states, clocks, transitions, bands or population does too",
        "Det gør enhver ændring af tilstande, ure, overgange, bånd eller population også",
    ),
    "flows_simulate": ("Flows marked so: {items}", "Pengestrømme mærket sådan: {items}"),
    # choices of the conventions
    "day": ("day", "dag"),
    "week": ("week", "uge"),
    "month": ("month", "måned"),
    "year": ("year", "år"),
    "whole_year": ("by whole years", "efter hele år"),
    "annual": ("annual", "årlig"),
    "continuous": ("continuous", "kontinuert"),
}


class Words:
    """Looks phrases up in one language.

    >>> Words("da")("leg", leg="return")
    'led return'
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = 1 if language == "da" else 0

    def __call__(self, key: str, **values: object) -> str:
        return WORDS[key][self._column].format(**values)

    def number(self, value: float) -> str:
        """A number to four digits, thousands apart, in the language's signs.

        >>> Words("en").number(20359.2), Words("da").number(20359.2), Words("en").number(0.03500)
        ('20,359', '20.359', '0.035')
        """
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "da" else text
