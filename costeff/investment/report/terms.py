"""The words of the planner's pages of an investment case, in English and Danish; sentences are in `case_prose`,
meanings of words in `case_glossary`, all of a comparison in `cases_prose`.

Danish terms are those that Danish municipal and state sources use for business cases: styringsområde, overslagsår,
varig ændring, implementeringsomkostninger, nutidsværdi.
"""

from __future__ import annotations

from costeff.errors import ScenarioError
from costeff.investment.report.comparison_prose import CASES_PROSE
from costeff.investment.report.glossary import GLOSSARY
from costeff.investment.report.prose import CASE_PROSE
from costeff.reporting.numbers import SPACE, check_language

CASE_TERMS: dict[str, tuple[str, str]] = {
    # headings
    "case_kind": ("Investment case", "Investeringscase"),
    "compared_kind": ("Investment cases side by side", "Investeringscases side om side"),
    "page_one": ("The result on one page", "Resultatet på én side"),
    "table_a": (
        "Table A. The proposal's overall economic consequences",
        "Tabel A. Forslagets samlede økonomiske konsekvenser",
    ),
    "table_a_all": ("All calendar years", "Alle kalenderår"),
    "table_b": (
        "Table B. Who pays and who gains, item by item",
        "Tabel B. Hvem betaler – hvem får gevinsten, post for post",
    ),
    "who_gains": ("Who pays and who gains", "Hvem betaler – hvem får gevinsten"),
    "figures": ("Figures", "Figurer"),
    "annex": ("Annex", "Bilag"),
    "citizens_heading": ("Citizens and capacity", "Borgere og kapacitet"),
    "effects_heading": ("What citizens get", "Hvad borgerne får ud af det"),
    "scenario_heading": ("Low, central, high and no effect", "Lav, central, høj og ingen effekt"),
    "sources_heading": ("Figures with a source", "Tal med kilde"),
    "assumptions_heading": ("Assumptions", "Antagelser"),
    "how_made": ("How the result was made", "Sådan er resultatet lavet"),
    "words_heading": ("Words used", "Ord i rapporten"),
    "data_heading": ("Data protection", "Databeskyttelse"),
    "read_with": ("Read this with the result", "Læs dette sammen med resultatet"),
    # facts
    "fact_programme": ("Programme", "Indsats"),
    "fact_paid_by": ("Costs of the case shared by", "Casens udgifter deles af"),
    "fact_against": ("Compared with", "Sammenlignet med"),
    "fact_years": ("Calendar years", "Kalenderår"),
    "fact_citizens": ("Citizens who begin", "Borgere, der begynder"),
    "fact_prices": ("Price-and-wage level", "Pris- og lønniveau"),
    "fact_rules": ("Rules", "Regelsæt"),
    "fact_view": ("Reckoned for", "Beregnet for"),
    "view_marginal": ("one municipality, block grant unchanged", "én kommune, bloktilskud uændret"),
    "view_all_municipalities": (
        "all municipalities together (block grant regulated)",
        "alle kommuner under ét (bloktilskud reguleret)",
    ),
    "regime_old": ("as before the reform", "som før reformen"),
    "regime_new": ("as after the reform", "som efter reformen"),
    "regime_across": ("changing on their dates", "skifter på datoerne"),
    "model_rules": ("those of the model's parameters", "modellens egne parametre"),
    "area_other": ("Other areas", "Øvrige områder"),
    "since": ("since {date}", "fra {date}"),
    "scroll_hint": (
        "The table is wider than the page: scroll it sideways to see all columns.",
        "Tabellen er bredere end siden: rul den til siden for at se alle kolonner.",
    ),
    "projected": ("projection", "fremskrivning"),
    "fact_municipality": ("Municipality", "Kommune"),
    "stamp_version": ("version {version}", "version {version}"),
    "stamp_size": ("{draws} draws × {people} individuals", "{draws} trækninger × {people} individer"),
    "stamp_seed": ("seed {seed}", "startværdi {seed}"),
    "price_level": ("{year} p/l", "{year}-p/l"),
    # money and units
    "million": ("{number} million {currency}", "{number} mio. {currency}"),
    "thousand_unit": ("1,000 {currency}, {year} p/l", "1.000 {currency}, {year}-p/l"),
    "million_unit": ("Million {currency}, {year} p/l", "Mio. {currency}, {year}-p/l"),
    "undiscounted": ("undiscounted", "udiskonteret"),
    "present_value": ("present value", "nutidsværdi"),
    "sign": (
        "+ = saving or gain for the party, − = extra cost",
        "+ = besparelse eller gevinst for aktøren, − = merudgift",
    ),
    "sign_short": ("+\u00a0=\u00a0gain for the party", "+\u00a0=\u00a0besparelse for aktøren"),
    "never": ("never within the horizon", "aldrig inden for horisonten"),
    "no_investment": ("no investment", "ingen investering"),
    "n_years": ("{number} years", "{number} år"),
    "n_year": ("{number} year", "{number} år"),
    "from_to_never": ("{first} – not within {horizon}", "{first} – ikke inden for {horizon}"),
    "more_of": ("{number} more {unit}", "{number} flere {unit}"),
    "less_of": ("{number} fewer {unit}", "{number} færre {unit}"),
    "no_change": ("no change", "ingen ændring"),
    "covers_zero": (", covers 0", ", dækker 0"),
    "and": ("and", "og"),
    "to": ("to", "til"),
    # words in tables
    "party": ("Party", "Aktør"),
    "net_present_value": ("Net present value", "Nutidsværdi, netto"),
    "interval_80": ("80 % interval", "80 %-interval"),
    "probability_gain": ("Probability of a gain", "Sandsynlighed for gevinst"),
    "share_of_public": ("Share of the public net gain", "Andel af den offentlige nettogevinst"),
    "area": ("Steering area", "Styringsområde"),
    "budget_year": ("Budget {year}", "Budget {year}"),
    "outline_year": ("Outline {year}", "Overslag {year}"),
    "permanent": ("Permanent", "Varig"),
    "lasting_changes": ("Lasting changes", "Varige ændringer"),
    "running_changes": ("Changes in running costs", "Ændringer i driften"),
    "running_total": ("Changes in running costs in all", "Ændringer i driften i alt"),
    "lasting_total": ("Lasting changes in all", "Samlet varig ændring"),
    "start_up_costs": ("Implementation costs", "Implementeringsomkostninger"),
    "overall": ("Overall economic effect", "Samlet økonomisk påvirkning"),
    "item": ("Item", "Post"),
    "in_all": ("In all", "I alt"),
    "within": ("Within", "Inden for"),
    "expected_result": ("Expected result", "Forventet resultat"),
    "realised_short": ("With chance between citizens", "Med tilfældig variation"),
    "realised_result": (
        "Result including chance between citizens",
        "Resultat inkl. tilfældig variation mellem borgerne",
    ),
    "measure": ("Measure", "Mål"),
    "payback_time": ("Payback time, undiscounted", "Tilbagebetalingstid, udiskonteret"),
    "payback_time_discounted": ("Payback time, discounted", "Tilbagebetalingstid, diskonteret"),
    "median": ("Median", "Median"),
    "share_never": ("Never within the horizon", "Aldrig inden for horisonten"),
    "need": ("Expected budget profile needs", "Forventet budgetprofil kræver"),
    "per_krone": ("Gained per krone put in", "Gevinst pr. investeret krone"),
    "year": ("Calendar year", "Kalenderår"),
    "inflow": ("Take the offer", "Tager imod tilbud"),
    "served": ("Begin", "Begynder"),
    "left": ("Leave while waiting", "Forlader køen"),
    "waiting": ("Waiting at the end of the year", "Venter ved årets udgang"),
    "places": ("Places", "Pladser"),
    "mean_wait": (
        "Mean wait, weeks (where 5 or more begin)",
        "Gennemsnitlig ventetid, uger (når mindst 5 begynder)",
    ),
    "effect": ("Effect", "Effekt"),
    "unit": ("Unit", "Enhed"),
    "difference": ("Difference for the whole case", "Forskel for hele casen"),
    "better": ("Better", "Bedst"),
    "more": ("more", "flere"),
    "fewer": ("fewer", "færre"),
    "scenario": ("Scenario", "Scenarie"),
    "low": ("Low (10 % of draws are lower)", "Lav (10 % af trækningerne er lavere)"),
    "central": ("Central (mean)", "Central (gennemsnit)"),
    "high": ("High (10 % of draws are higher)", "Høj (10 % af trækningerne er højere)"),
    "no_effect": (
        "No effect (the programme as booked, nobody's course changes)",
        "Ingen effekt (indsatsen som bogført, ingens forløb ændres)",
    ),
    "each_its_own": (
        "Low and high are quantiles of each column by itself: they need not come from the same draw, and are the ends "
        "of the 80 % interval on page 1.",
        "Lav og høj er fraktiler for hver kolonne for sig: De behøver ikke være fra samme trækning, og de er enderne "
        "af 80 %-intervallet på side 1.",
    ),
    "parameter": ("Input", "Forudsætning"),
    "value": ("Value", "Værdi"),
    "interval_95": ("95 % interval", "95 %-interval"),
    "kind": ("Kind", "Type"),
    "source": ("Source", "Kilde"),
    "kind_published": ("published", "publiceret"),
    "kind_derived": ("derived", "afledt"),
    "kind_calibrated": ("calibrated", "kalibreret"),
    "kind_assumption": ("assumption", "antagelse"),
    "payer": ("Paid by", "Betales af"),
    "recipient": ("Paid to", "Betales til"),
    "amount": ("Amount", "Beløb"),
    "transfer_heading": (
        "Smallest transfers after which no public payer loses",
        "Mindste overførsler, hvorefter ingen offentlig betaler taber",
    ),
    "not_covered": ("Not covered by any gainer", "Ikke dækket af nogen gevinst"),
    "sums_marked": ("Columns with = are sums.", "Kolonner med = er summer."),
    "gains": ("Gains", "Vinder"),
    "loses": ("Loses", "Taber"),
    "sum_of": ("Sum of parties", "Sum af aktører"),
    "rounding": (
        "Rounded, so a sum may differ from its parts by the last digit.",
        "Afrundet, så summer kan afvige på sidste ciffer.",
    ),
    # figure titles and axes
    "figure_who": ("Who gains", "Hvem får gevinsten"),
    "figure_years": ("Net by year and payer", "Netto pr. år og betaler"),
    "figure_cumulative": ("Cumulated net: {name}", "Kumuleret netto: {name}"),
    "figure_waterfall": ("From cost to total: {name}", "Fra udgift til samlet resultat: {name}"),
    "figure_tornado": ("What moves the result most: {name}", "Hvad der flytter resultatet mest: {name}"),
    "figure_effect": ("How much effect is needed", "Hvor stor en effekt der skal til"),
    "figure_heat": ("Effect and price", "Effekt og pris"),
    "figure_probability": ("Probability of payback", "Sandsynlighed for at være tjent hjem"),
    "payback_within": (
        "Probability of payback within {years}",
        "Sandsynlighed for at være tjent hjem inden for {years}",
    ),
    "figure_citizens": ("Citizens", "Borgere"),
    "axis_years_in": ("Within so many calendar years", "Inden for så mange kalenderår"),
    "axis_probability": ("Probability", "Sandsynlighed"),
    "axis_effect": ("Share of the expected consequences", "Andel af de forventede konsekvenser"),
    "axis_cost": ("The programme's cost, this case = 100 %", "Indsatsens udgift, denne case = 100 %"),
    "axis_citizens": ("Citizens a year", "Borgere pr. år"),
    "expected": ("Expected", "Forventet"),
    "band_50": ("50 % of draws", "50 % af trækningerne"),
    "band_80": ("80 % of draws", "80 % af trækningerne"),
    "breaks_even": ("Breaks even", "Går i nul"),
    "paid_back": ("Paid back", "Tjent hjem"),
    "total": ("Total", "I alt"),
    "other_items": ("Other items", "Andre poster"),
    "choose_party": ("Party", "Aktør"),
}

WORDS = {**CASE_TERMS, **CASE_PROSE, **CASES_PROSE, **GLOSSARY}
"""Every word of the pages of a case and of a comparison."""


def said(key: str, language: str = "en", **values: object) -> str:
    """The words for a key, its places filled. Raises ScenarioError for an unknown key or language.

    >>> said("n_years", "da", number=4)
    '4 år'
    """
    check_language(language)
    words = WORDS.get(key)
    if words is None:
        raise ScenarioError("the pages of a case have no such term", value=key)
    text = words[language == "da"]
    # a sentence that ends in an abbreviation has one full stop
    written = text.format(**values).replace("kr..", "kr.") if values else text
    return written.replace(" %", f"{SPACE}%")
