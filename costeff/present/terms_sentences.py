"""Words of the report's sentences and of ICERs: key to (English, Danish). `term` reads them."""

from __future__ import annotations

TERMS_SENTENCES: dict[str, tuple[str, str]] = {
    # ICER in words
    "status_reference": ("reference", "udgangspunkt"),
    "status_dominated": ("dominated: costs more, gives less", "domineret: koster mere, giver mindre"),
    "status_dominated_equal_cost": (
        "dominated: costs the same, gives less",
        "domineret: koster det samme, giver mindre",
    ),
    "status_extendedly dominated": (
        "extendedly dominated: a mix of two others is better",
        "udvidet domineret: en blanding af to andre er bedre",
    ),
    "status_equal": ("equal cost and equal effect", "samme omkostning og samme effekt"),
    "status_equal effect": ("equal effect, costs more", "samme effekt, koster mere"),
    "status_less costly, less effective": ("costs less, gives less", "koster mindre, giver mindre"),
    "dominant": (
        "dominant: costs less, gives more than {strategy}",
        "dominant: koster mindre, giver mere end {strategy}",
    ),
    "dominant_equal_cost": (
        "dominant: costs the same, gives more than {strategy}",
        "dominant: koster det samme, giver mere end {strategy}",
    ),
    "cheaper_equal": (
        "equal effect, costs less than {strategy}",
        "samme effekt, koster mindre end {strategy}",
    ),
    "per_gained": ("{money} per {unit} gained", "{money} pr. vundet {unit}"),
    "per_avoided": ("{money} per {unit} avoided", "{money} pr. undgået {unit}"),
    "saved_per_lost": ("saves {money} per {unit} lost", "sparer {money} pr. mistet {unit}"),
    "saved_per_added": ("saves {money} per extra {unit}", "sparer {money} pr. ekstra {unit}"),
    "unbounded": (
        "not bounded: the difference in effect may be 0",
        "ikke begrænset: forskellen i effekt kan være 0",
    ),
    "ratio_noisy": ("{side}; no ratio is formed", "{side}; der dannes intet forhold"),
    "unsettled": (
        "{words} (on average, in these draws; {error} could explain the difference)",
        "{words} (i gennemsnit, i disse trækninger; {error} kan forklare forskellen)",
    ),
    "too_few": (
        "{words} (on average, in these draws; not settled, as fewer than {number} draws or designs tell of no error)",
        "{words} (i gennemsnit, i disse trækninger; ikke afgjort, da færre end {number} trækninger eller design intet "
        "siger om fejlen)",
    ),
    "on_average": (
        "{words} (on average; so in {share} of the draws)",
        "{words} (i gennemsnit; sådan i {share} af trækningerne)",
    ),
    "in_one_draw": ("{words} (in this one draw)", "{words} (i denne ene trækning)"),
    "error_simulation": ("simulation error", "simulationsusikkerhed"),
    "error_draws": ("the sampling error of the draws", "trækningernes stikprøvefejl"),
    "end_saving": ("a saving", "en besparelse"),
    "end_dominated": ("dominated", "domineret"),
    "to": ("to", "til"),
    "not_defined": ("not defined: one draw", "ikke defineret: én trækning"),
    "side_north-east": ("costs more, gives more", "koster mere, giver mere"),
    "side_north": ("costs more, equal effect", "koster mere, samme effekt"),
    "side_north-west": ("costs more, gives less", "koster mere, giver mindre"),
    "side_east": ("equal cost, gives more", "samme omkostning, giver mere"),
    "side_origin": ("equal cost, equal effect", "samme omkostning, samme effekt"),
    "side_west": ("equal cost, gives less", "samme omkostning, giver mindre"),
    "side_south-east": ("costs less, gives more", "koster mindre, giver mere"),
    "side_south": ("costs less, equal effect", "koster mindre, samme effekt"),
    "side_south-west": ("costs less, gives less", "koster mindre, giver mindre"),
    # sentences
    "says_costs_more": (
        "{perspective}: over {horizon}, {strategy} costs {money} more per citizen than {comparator} ({spread}).",
        "{perspective}: Over {horizon} koster {strategy} {money} mere pr. borger end {comparator} ({spread}).",
    ),
    "says_costs_less": (
        "{perspective}: over {horizon}, {strategy} costs {money} less per citizen than {comparator} ({spread}).",
        "{perspective}: Over {horizon} koster {strategy} {money} mindre pr. borger end {comparator} ({spread}).",
    ),
    "says_costs_same": (
        "{perspective}: over {horizon}, {strategy} costs as much per citizen as {comparator} ({spread}).",
        "{perspective}: Over {horizon} koster {strategy} det samme pr. borger som {comparator} ({spread}).",
    ),
    "spread_cost": (
        "95 % interval {interval}; probability that it saves: {probability}",
        "95 %-interval {interval}; sandsynlighed for at det sparer: {probability}",
    ),
    "spread_none": ("one draw, so no interval", "én trækning, så intet interval"),
    "says_unsure_cost": (
        "Whether it costs more or less is uncertain.",
        "Det er usikkert, om det koster mere eller mindre.",
    ),
    "says_unsure_effect": (
        "Whether it is better or worse is uncertain.",
        "Det er usikkert, om det er bedre eller dårligere.",
    ),
    "says_too_noisy": (
        "Simulation error (standard error {error}) could alone explain the difference: run more draws or individuals "
        "before using it.",
        "Simulationsusikkerheden (standardfejl {error}) kan alene forklare forskellen: kør flere "
        "trækninger eller individer, før tallet bruges.",
    ),
    "says_sampled": (
        "The sampling error of the draws (standard error {error}) could alone explain the difference: make more draws "
        "before using it.",
        "Trækningernes stikprøvefejl (standardfejl {error}) kan alene forklare forskellen: lav flere trækninger, før "
        "tallet bruges.",
    ),
    "says_too_few": (
        "With fewer than {number} draws or designs nothing is known of the simulation error, so the difference is not "
        "settled.",
        "Med færre end {number} trækninger eller design vides intet om simulationsusikkerheden, så forskellen er ikke "
        "afgjort.",
    ),
    "says_effect_more": (
        "{effect}: {strategy} gives {number} more per citizen than {comparator} ({spread}).",
        "{effect}: {strategy} giver {number} mere pr. borger end {comparator} ({spread}).",
    ),
    "says_effect_less": (
        "{effect}: {strategy} gives {number} less per citizen than {comparator} ({spread}).",
        "{effect}: {strategy} giver {number} mindre pr. borger end {comparator} ({spread}).",
    ),
    "says_effect_same": (
        "{effect}: {strategy} gives as much per citizen as {comparator} ({spread}).",
        "{effect}: {strategy} giver det samme pr. borger som {comparator} ({spread}).",
    ),
    "says_ratio": (
        "{perspective}, {strategy} against {comparator}: {words}.",
        "{perspective}, {strategy} i forhold til {comparator}: {words}.",
    ),
    "says_pay_more": ("Pay more with {strategy}: {list}.", "Betaler mere med {strategy}: {list}."),
    "says_pay_less": ("Pay less with {strategy}: {list}.", "Betaler mindre med {strategy}: {list}."),
    "says_pay_unsettled": (
        "Whether they pay more or less is not settled, as simulation error could alone explain the difference: {list}.",
        "Om de betaler mere eller mindre, er ikke afgjort, da simulationsusikkerhed alene kan forklare forskellen: "
        "{list}.",
    ),
    "says_at_wtp": (
        "{perspective}: at {wtp} per {unit}, {strategy} is the best choice on average; the probability that it really "
        "is best: {probability}.",
        "{perspective}: Ved {wtp} pr. {unit} er {strategy} det bedste valg i gennemsnit; sandsynlighed for at det "
        "faktisk er bedst: {probability}.",
    ),
    "says_choice_unsettled": (
        "Which is best on average is not settled: {error} could turn it.",
        "Hvad der er bedst i gennemsnit, er ikke afgjort: {error} kan ændre det.",
    ),
    "says_corrected": (
        "All 95 % intervals on this page, and the probabilities of saving, show uncertainty about the parameters: the "
        "luck of the simulated citizens has been taken out.",
        "Alle 95 %-intervaller på siden og sandsynligheder for at spare viser usikkerhed om parametrene: "
        "tilfældigheder fra de simulerede borgere er taget ud.",
    ),
    "says_raw": (
        "All 95 % intervals on this page hold 95 % of the draws as they are.",
        "Alle 95 %-intervaller på siden rummer 95 % af trækningerne, som de er.",
    ),
    "and": ("and", "og"),
}
