"""Words of the comparison with the comparator and of the report of an evaluation: key to (English, Danish)."""

from __future__ import annotations

TERMS_EVALUATION: dict[str, tuple[str, str]] = {
    # against the comparator
    "against_comparator": ("Each strategy against {strategy}", "Hver strategi i forhold til {strategy}"),
    "pairwise_intro": (
        "Here every strategy is compared with {strategy} alone, whatever the others cost and give. Intervals are over "
        "the draws of the parameters. Where the luck of the simulated citizens was measured, it has been removed (not "
        "at a star: there it is as large as the whole spread).",
        "Her er hver strategi sammenlignet med {strategy} alene, uanset hvad de andre koster og giver. Intervaller er "
        "over trækningerne af parametrene. Hvor de simulerede borgeres tilfældigheder er målt, er de fjernet (ikke ved "
        "en stjerne: der er de lige så store som hele spredningen).",
    ),
    "probability_cheaper": ("Probability that it saves", "Sandsynlighed for at den sparer"),
    "probability_better": ("Probability of a better effect", "Sandsynlighed for bedre effekt"),
    # the report of an evaluation
    "fine_perspective": ("Perspective", "Perspektiv"),
    "fine_draws": ("Draws", "Trækninger"),
    "fine_effect": ("Effect", "Effekt"),
    "fine_money": ("Money", "Penge"),
    "per_individual": ("per individual", "pr. person"),
    "evaluation_intro": (
        "The strategies stand in order of cost. Extra cost and extra effect are relative to the strategy named in the "
        "same row. No value of a unit of effect is built in.",
        "Strategierne står efter omkostning. Meromkostning og mereffekt er i forhold til den strategi, der er nævnt i "
        "samme række. Der er ingen indbygget værdi af en effektenhed.",
    ),
    "decision_heading": ("The decision by willingness to pay", "Beslutningen efter betalingsvillighed"),
    "decision_intro": (
        "The best strategy is the one with the highest expected net benefit. EVPI is what knowing all parameters "
        "would be worth for each individual.",
        "Den bedste strategi har den højeste forventede nettogevinst. EVPI er, hvad det ville være værd at kende alle "
        "parametre, for hver person.",
    ),
    "decision_none": (
        "No willingness to pay was given, and none is assumed: there is no acceptability curve and no EVPI.",
        "Ingen betalingsvillighed er angivet, og ingen er antaget: der er ingen acceptkurve og ingen EVPI.",
    ),
    "says_decision": (
        "At {wtp} per {unit}, {strategy} is the best choice on average; the probability that it really is best: "
        "{probability}. Knowing all parameters would be worth {evpi} per individual (EVPI).",
        "Ved {wtp} pr. {unit} er {strategy} det bedste valg i gennemsnit; sandsynlighed for at det faktisk er bedst: "
        "{probability}. At kende alle parametre ville være {evpi} værd pr. person (EVPI).",
    ),
    "no_curves": (
        "No willingness to pay is stated, and none is assumed, so there is no acceptability curve. State `wtp:` in a "
        "scenario, or give `costeff run --wtp`.",
        "Ingen betalingsvillighed er angivet, og ingen er antaget, så der er ingen acceptkurve. Angiv `wtp:` i et "
        "scenarie, eller `costeff run --wtp`.",
    ),
    "best_on_average": ("Best on average", "Bedst i gennemsnit"),
    "best_tied": ("{strategy} (others are equally good)", "{strategy} (andre er lige gode)"),
    "best_unsettled": ("{strategy} (not settled)", "{strategy} (ikke afgjort)"),
    "says_best_unsettled": (
        "Not settled: {error} could turn which is best on average; more draws tell.",
        "Ikke afgjort: {error} kan ændre, hvad der er bedst i gennemsnit; flere trækninger kan vise det.",
    ),
    "says_near_tie": (
        "Near a tie at {wtp} per {unit}: another strategy lies within {errors} errors of the best on average. The "
        "luckiest is taken for the best, so that the EVPI shown is too low, on average by at most {most}.",
        "Næsten uafgjort ved {wtp} pr. {unit}: en anden strategi ligger inden for {errors} standardfejl af den bedste "
        "i gennemsnit. Den heldigste tages for den bedste, så den viste EVPI er for lav, i gennemsnit højst {most}.",
    ),
    "probability_best": ("Probability that it is best", "Sandsynlighed for at den er bedst"),
    "probability_of": ("Probability: {strategy}", "Sandsynlighed: {strategy}"),
    "evpi_per_individual": ("EVPI per individual", "EVPI pr. person"),
    "evpi_error": ("Error of the EVPI", "Usikkerhed på EVPI"),
    "benefit": ("Expected incremental net benefit", "Forventet ekstra nettogevinst"),
    "axis_benefit": (
        "Net benefit above {strategy}, {currency} per individual",
        "Nettogevinst ud over {strategy}, {currency} pr. person",
    ),
    "benefit_limits": ("{strategy}, 95 % interval", "{strategy}, 95 %-interval"),
    "caption_benefit": (
        "Mean net benefit of each strategy less that of {comparator}, by what a unit of effect is worth. Above 0 it is "
        "worth more than it costs.",
        "Gennemsnitlig nettogevinst af hver strategi minus den for {comparator}, alt efter hvad en effektenhed er "
        "værd. Over 0 er den mere værd, end den koster.",
    ),
    "caption_evpi": (
        "What knowing all parameters exactly would be worth for each individual, with its 95 % error over draws.",
        "Hvad det ville være værd at kende alle parametre præcist for hver person, med 95 %-usikkerhed over "
        "trækninger.",
    ),
    "data_source": ("Read from", "Læst fra"),
    "version_of": ("Version of costeff", "Version af costeff"),
    "written_on": ("Written", "Skrevet"),
}  # fmt: skip
