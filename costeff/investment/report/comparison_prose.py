"""Sentences, captions and notes of a comparison of investment cases, in English and Danish."""

from __future__ import annotations

CASES_PROSE: dict[str, tuple[str, str]] = {
    "caption_portfolio": (
        "The cases that together have the highest expected present value for {name} within each limit. The limit is on "
        "what the expected profile of the chosen ones needs: their expected cumulated net may in no year fall below "
        "minus the limit. It is not a limit on the deficit of a draw, which stands beside it.",
        "De cases, der tilsammen har den højeste forventede nutidsværdi for {name} inden for hvert loft. Loftet gælder "
        "det, de valgte cases' forventede budgetprofil kræver: Deres forventede kumulerede netto må i intet år falde "
        "under minus loftet. Det er ikke et loft over underskuddet i en trækning, som står ved siden af.",
    ),
    "says_ahead": (
        "It is {money} ahead of {next} (standard error {error}), which is more than chance in the simulation explains.",
        "Den er {money} foran {next} (standardfejl {error}), hvilket er mere, end tilfældigheder i simulationen "
        "forklarer.",
    ),
    "doing_nothing": ("doing nothing", "at gøre ingenting"),
    "says_close": (
        "It is {money} ahead of {next}, which is within simulation error (standard error {error}): run more draws "
        "before choosing between them.",
        "Den er {money} foran {next}, hvilket er inden for simulationsusikkerheden (standardfejl {error}): kør flere "
        "trækninger, før der vælges.",
    ),
    "says_equal": (
        "{case} and {next} are equally good in expectation.",
        "{case} og {next} er lige gode i forventning.",
    ),
    "says_one_draw": (
        "With one draw it is not known how much of the lead is chance.",
        "Med én trækning vides det ikke, hvor meget af forspringet der er tilfældigt.",
    ),
    "says_other_choice": (
        "Best in expectation for {list}: {case}.",
        "Bedst i forventning for {list}: {case}.",
    ),
    "note_apart": (
        "These cases may reach the same citizens, so at most one of them is chosen: {list}.",
        "Disse cases kan nå de samme borgere, så højst én af dem vælges: {list}.",
    ),
    "note_unknown": (
        "Whether {list} reach the same citizens is not known, so it is assumed that they do. Write `citizens:` in "
        "both to say it.",
        "Det vides ikke, om {list} når de samme borgere, så det antages. Skriv `citizens:` i begge for at sige det.",
    ),
    "note_others_differ": (
        "Otherwise the cases reach different citizens and can be chosen together.",
        "Ellers når casene forskellige borgere og kan vælges sammen.",
    ),
    "note_all_differ": (
        "The cases reach different citizens and can be chosen together.",
        "Casene når forskellige borgere og kan vælges sammen.",
    ),
    "note_declared": (
        "Whom some cases serve is declared in them (`citizens`), and is not worked out from their target groups.",
        "For nogle cases er det angivet i casen (`citizens`), hvem den er for; det er ikke regnet ud af målgrupperne.",
    ),
    "says_same": (
        "These cases have the same cash flow in every draw, under several names: {list}.",
        "Disse cases har de samme betalinger i hver trækning, under flere navne: {list}.",
    ),
    "says_within": (
        "With at most {limit} of financing: {list}.",
        "Inden for {limit} i finansiering: {list}.",
    ),
    "says_per_citizen": (
        "The ranking is of totals: for each citizen who begins, {case} gains most.",
        "Rangordenen er efter det samlede beløb: For hver borger, der begynder, giver {case} mest.",
    ),
    "says_per_krone": (
        "For each {unit} put into the programme, {case} gains most.",
        "For hver {unit}, der lægges i indsatsen, giver {case} mest.",
    ),
    "differences_heading": ("What differs between the cases", "Hvad der adskiller casene"),
    "differs_version": ("Version of the case", "Casens version"),
    "differs_author": ("Author", "Forfatter"),
    "differs_scenario": ("Scenario of the model", "Modelscenarie"),
    "differs_citizens": ("Citizens, as declared", "Borgere, som angivet"),
    "differs_inflow": ("Citizens offered the programme a year", "Borgere, der får tilbuddet, pr. år"),
    "differs_uptake": ("Share who take the offer", "Andel, der tager imod tilbuddet"),
    "differs_fidelity": ("Fidelity of implementation", "Metodetroskab"),
    "differs_course": ("Weeks of a course", "Forløbets længde i uger"),
    "differs_cost": ("Programme: {name}", "Indsatsen: {name}"),
    "differs_mean": ("{value} (mean of the draws)", "{value} (gennemsnit af trækningerne)"),
    "no_places": ("no limit", "ingen grænse"),
    "sizes_heading": ("Per citizen and per {unit}", "Pr. borger og pr. {unit}"),
    "programme_cost": ("Programme, paid by the decider", "Indsatsen, betalt af den, der beslutter"),
    "npv_per_citizen": ("Net gain per citizen who begins", "Nettogevinst pr. borger, der begynder"),
    "npv_per_krone": (
        "Net gain per {unit} of programme",
        "Nettogevinst pr. {unit} til indsatsen",
    ),
    "financing_heading": (
        "What each case asks of the budget: {name}",
        "Hvad hver case kræver af budgettet: {name}",
    ),
    "need_year": ("In", "I"),
    "caption_ranked": (
        "Expected present value for {name} with its 80 % interval. {sign}.",
        "Forventet nutidsværdi for {name} med 80 %-interval. {sign}.",
    ),
    "caption_paths": (
        "Cumulated net for {name} by the end of each calendar year, expected, undiscounted. {sign}.",
        "Kumuleret netto for {name} ved udgangen af hvert kalenderår, forventet, udiskonteret. {sign}.",
    ),
    "case": ("Case", "Case"),
    "compared_title": ("{count} investment cases compared", "Sammenligning af {count} investeringscases"),
    "draws": ("Draws", "Trækninger"),
    "budget_heading": ("Budget and payback", "Budget og tilbagebetaling"),
    "figure_net": ("Net by calendar year: {name}", "Netto pr. kalenderår: {name}"),
    "figure_ranked": ("Present value of each case", "Nutidsværdi af hver case"),
    "no_limit": ("no limit", "intet loft"),
    "nothing_chosen": ("Do nothing", "Gør ingenting"),
    "probability_best": ("Probability of being best", "Sandsynlighed for at være bedst"),
    "expected_rank": ("Expected place", "Forventet placering"),
    "ranking_heading": ("Ranking: {name}", "Rangorden: {name}"),
    "best_heading": ("Probability of being best, by party", "Sandsynlighed for at være bedst, pr. aktør"),
    "portfolio_heading": (
        "Which cases to choose under a budget limit",
        "Hvilke cases der vælges inden for et budget",
    ),
    "limit": ("Limit on the expected financing need", "Loft over forventet finansieringsbehov"),
    "financing": ("Expected profile needs", "Forventet budgetprofil kræver"),
    "deficit_1_of_10": (
        "Deficit exceeded in 1 draw of 10",
        "Underskud, der overskrides i 1 ud af 10 trækninger",
    ),
    "outlay_first_year": ("The programme's outlay in the first year", "Udgift til indsatsen det første år"),
    "chosen": ("Chosen", "Valgt"),
    "no_case": ("none", "ingen"),
    "says_best": (
        "{case} is best for {name}: expected present value {money}, best in {probability} of draws.",
        "{case} er bedst for {name}: forventet nutidsværdi {money}, bedst i {probability} af trækningerne.",
    ),
    "says_nothing_best": (
        "None of the cases is expected to gain for {name}: doing nothing is best ({probability} of draws).",
        "Ingen af casene ventes at give {name} en gevinst: det bedste er ikke at gøre noget ({probability} af "
        "trækningerne).",
    ),
    "says_shared_luck": (
        "All cases are reckoned on the same draws and the same luck, so that the chance they share cancels in their "
        "differences.",
        "Alle cases er regnet på de samme trækninger og de samme tilfældigheder, så de tilfældigheder, de har fælles, "
        "går ud i forskellen mellem dem.",
    ),
}
