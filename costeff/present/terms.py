"""Every word of the reports and figures, in English and Danish, in one table.

Danish terms follow what Danish sources use; those for CEAC, CEAF, ICER and willingness to pay have no settled
Danish form in the sources read, so the English abbreviation stands beside them.
"""

from __future__ import annotations

from costeff.errors import ScenarioError
from costeff.present.numbers import SPACE, check_language
from costeff.present.terms_captions import TERMS_CAPTIONS
from costeff.present.terms_decisions import DECISION_TERMS
from costeff.present.terms_dsa import TERMS_DSA
from costeff.present.terms_evaluation import TERMS_EVALUATION
from costeff.present.terms_sentences import TERMS_SENTENCES
from costeff.present.terms_voi import TERMS_VOI

TERMS: dict[str, tuple[str, str]] = {
    # headings
    "analysis": ("Cost-effectiveness analysis", "Omkostningseffektivitetsanalyse"),
    "contents": ("Contents", "Indhold"),
    "key_result": ("Key result", "Hovedresultat"),
    "notes": ("Read this with the result", "Læs dette sammen med resultatet"),
    "who_pays": ("Who pays and who gains", "Hvem betaler – hvem får gevinsten"),
    "icer_heading": ("Cost against effect (ICER)", "Omkostning i forhold til effekt (ICER)"),
    "uncertainty": ("Uncertainty of the decision", "Usikkerhed om beslutningen"),
    "cost_by_year": ("Cost by payer and year", "Omkostning pr. betaler og år"),
    "effects": ("Effects", "Effekter"),
    "trace": ("States over time", "Tilstande over tid"),
    "time_to_return": ("Time to return to work", "Tid til tilbagevenden til arbejde"),
    "tornado": ("Sensitivity analysis, one parameter at a time", "Følsomhedsanalyse, én parameter ad gangen"),
    "simulation_error": ("Simulation error", "Simulationsusikkerhed"),
    "implied": ("Implied ratios", "Afledte forhold"),
    "model": ("The model", "Modellen"),
    "diagram": ("States and transitions", "Tilstande og overgange"),
    "description": ("Full description of the model", "Fuld beskrivelse af modellen"),
    "assumptions": ("Assumptions", "Antagelser"),
    "parameters": ("All parameters and their sources", "Alle parametre og deres kilder"),
    "conventions": ("Conventions", "Konventioner"),
    "provenance": ("How this result was made", "Sådan er resultatet lavet"),
    "flows": ("Who pays whom, item by item", "Hvem betaler hvem, post for post"),
    "exits": ("List of transitions", "Liste over overgange"),
    "fine_scenario": ("Scenario", "Scenarie"),
    "fine_model": ("Model", "Model"),
    "fine_horizon": ("Time horizon", "Tidshorisont"),
    "fine_prices": ("Prices", "Priser"),
    "fine_comparator": ("Compared with", "Sammenlignet med"),
    "per_citizen": ("per citizen", "pr. borger"),
    # words in tables and figures
    "party": ("Party", "Aktør"),
    "item": ("Item", "Post"),
    "payer": ("Paid by", "Betales af"),
    "recipient": ("Paid to", "Betales til"),
    "difference": ("Difference", "Forskel"),
    "difference_from": ("Difference from {strategy}", "Forskel fra {strategy}"),
    "cost": ("Cost", "Omkostning"),
    "effect": ("Effect", "Effekt"),
    "unit": ("Unit", "Enhed"),
    "better": ("Better", "Bedst"),
    "more": ("more", "flere"),
    "fewer": ("fewer", "færre"),
    "discounted": ("Discounted", "Diskonteret"),
    "yes": ("yes", "ja"),
    "no": ("no", "nej"),
    "points": ("%-points", "%-point"),
    "drawn_declared": ("drawn {drawn} (declared {declared})", "trækkes {drawn} (angivet {declared})"),
    "interval_95": ("95 % interval", "95 %-interval"),
    "error": ("Simulation error", "Simulations-\u200busikkerhed"),
    "of_which_programme": ("Of which the programme", "Heraf programmet"),
    "programme": ("The programme itself", "Selve programmet"),
    "other_flows": ("Everything else", "Alt andet"),
    "net": ("Net, with 95 % interval", "Netto med 95 %-interval"),
    "outside": ("Accounts outside society", "Konti uden for samfundet"),
    "all_perspectives": ("All perspectives", "Alle perspektiver"),
    "perspective": ("Perspective", "Perspektiv"),
    "strategy": ("Strategy", "Strategi"),
    "incremental_cost": ("Extra cost", "Meromkostning"),
    "incremental_effect": ("Extra effect", "Mereffekt"),
    "compared_with": ("Against", "I forhold til"),
    "icer": ("Cost per unit of effect (ICER)", "Omkostning pr. effektenhed (ICER)"),
    "icer_interval": ("95 % interval of the ICER", "95 %-interval for ICER"),
    "position": ("Against {strategy}", "I forhold til {strategy}"),
    "year": ("Year", "År"),
    "years_since_start": ("Years since start", "År siden start"),
    "share_of_citizens": ("Share of citizens", "Andel af borgere"),
    "citizens_returned": ("Share of citizens (cumulative)", "Andel af borgere (kumuleret)"),
    "first_passage": ("Event", "Hændelse"),
    "median_time": ("Median time", "Mediantid"),
    "within_year": ("Within a year", "Inden for et år"),
    "stay": ("Counts when it lasts", "Tæller, når det varer"),
    "not_reached": ("not reached", "ikke nået"),
    "weeks": ("{number} weeks", "{number} uger"),
    "months": ("{number} months", "{number} måneder"),
    "years": ("{number} years", "{number} år"),
    "one_year": ("1 year", "1 år"),
    "cycles": ("{number} cycles", "{number} cyklusser"),
    "parameter": ("Parameter", "Parameter"),
    "low_value": ("Low value", "Lav værdi"),
    "high_value": ("High value", "Høj værdi"),
    "result_low": ("Result at the low value", "Resultat ved lav værdi"),
    "result_high": ("Result at the high value", "Resultat ved høj værdi"),
    "changes": ("Changes which strategy is preferred", "Ændrer, hvilken strategi der foretrækkes"),
    "quantity": ("Quantity", "Størrelse"),
    "total_sd": ("Spread over draws (SD)", "Spredning over trækninger (SD)"),
    "noise_sd": ("Of which individual luck (SD)", "Heraf individuelle tilfældigheder (SD)"),
    "noise_share": ("Share of the variance", "Andel af variansen"),
    "measure": ("Measure", "Mål"),
    "value": ("Value", "Værdi"),
    "distribution": ("Distribution", "Fordeling"),
    "kind": ("Kind", "Type"),
    "source": ("Source", "Kilde"),
    "note": ("Note", "Note"),
    "price_year": ("Price year", "Prisår"),
    "from_state": ("From", "Fra"),
    "to_state": ("To", "Til"),
    "transitions": ("Transitions", "Overgange"),
    "kind_published": ("published", "publiceret"),
    "kind_derived": ("derived", "afledt"),
    "kind_calibrated": ("calibrated", "kalibreret"),
    "kind_assumption": ("assumption", "antagelse"),
    "key_cost": (
        "{perspective}: extra cost, {currency} per citizen",
        "{perspective}: meromkostning, {currency} pr. borger",
    ),
    "key_icer": ("Cost per unit of effect: {perspective}", "Omkostning pr. effektenhed: {perspective}"),
    "key_caption": ("Each strategy against {comparator}", "Hver strategi i forhold til {comparator}"),
    "other_perspectives": ("The other {count} perspectives", "De øvrige {count} perspektiver"),
    # figures
    "plane": ("Cost-effectiveness plane", "Omkostningseffektivitetsplan"),
    "ceac": ("Acceptability curve (CEAC)", "Acceptkurve (CEAC)"),
    "loss": ("Expected loss", "Forventet tab"),
    "ceaf": ("Acceptability frontier (CEAF)", "Acceptfront (CEAF)"),
    "axis_cost": ("{currency} {per}", "{currency} {per}"),
    "axis_extra_cost": ("Extra cost, {currency} {per}", "Meromkostning, {currency} {per}"),
    "axis_gain": ("{unit} gained {per}", "Vundne {unit} {per}"),
    "axis_avoided": ("{unit} avoided {per}", "Undgåede {unit} {per}"),
    "axis_wtp": (
        "Willingness to pay, {currency} per {unit}",
        "Betalingsvillighed, {currency} pr. {unit}",
    ),
    "axis_information": ("Value per decision, {currency}", "Værdi pr. beslutning, {currency}"),
    "evpi": ("Perfect information (EVPI)", "Perfekt information (EVPI)"),
    "evpi_raw": ("EVPI with the luck of individuals", "EVPI inkl. individuelle tilfældigheder"),
    "evpi_corrected": ("EVPI, corrected", "EVPI, korrigeret"),
    "evsi": ("Value of the study (EVSI)", "Værdi af undersøgelsen (EVSI)"),
    "evsi_limit": ("Of an endless study", "Af en uendelig undersøgelse"),
    "enbs": ("Net benefit of the study (ENBS)", "Nettogevinst af undersøgelsen (ENBS)"),
    "axis_participants": ("Participants", "Deltagere"),
    "axis_population_value": (
        "Value for all decisions, {currency}",
        "Værdi for alle beslutninger, {currency}",
    ),
    "evppi": ("Value of knowing a parameter (EVPPI)", "Værdi af at kende en parameter (EVPPI)"),
    "axis_probability": ("Probability of being best", "Sandsynlighed for at være bedst"),
    "wtp_line": ("Willingness to pay {value}", "Betalingsvillighed {value}"),
    "holds_share": ("{strategy}, {share} of draws", "{strategy}, {share} af trækningerne"),
    "comparator_at": ("{strategy}, the comparator", "{strategy}, sammenligningsgrundlaget"),
    "frontier_line": ("Efficiency frontier", "Effektivitetsfront"),
    "frontier_alone": ("Efficiency frontier: {strategy} alone", "Effektivitetsfront: {strategy} alene"),
    "mean_of": ("{strategy}, mean", "{strategy}, gennemsnit"),
    "raw": ("{strategy}, as simulated", "{strategy}, som simuleret"),
    "corrected": ("{strategy}, corrected", "{strategy}, korrigeret"),
    "dearer_better": ("costs more,<br>gives more", "koster mere,<br>giver mere"),
    "cheaper_better": ("costs less,<br>gives more", "koster mindre,<br>giver mere"),
    "dearer_worse": ("costs more,<br>gives less", "koster mere,<br>giver mindre"),
    "cheaper_worse": ("costs less,<br>gives less", "koster mindre,<br>giver mindre"),
    "sign_party": ("+ = more cost for the party", "+ = merudgift for aktøren"),
    "sign_payer": ("+ = more cost for the payer", "+ = merudgift for betaleren"),
    "at_low": ("At the low value", "Ved lav værdi"),
    "at_high": ("At the high value", "Ved høj værdi"),
    "changes_mark": ("◆ changes which strategy is preferred", "◆ ændrer, hvilken strategi der foretrækkes"),
    # captions
    "caption_who_pays": (
        "Difference between {strategy} and {comparator} over the whole horizon, discounted, {currency} per citizen. "
        "+ = more cost for the party; − = the party gains. The programme itself is drawn apart from the rest; the "
        "diamond is the net, with its 95 % interval over draws.",
        "Forskel mellem {strategy} og {comparator} over hele tidshorisonten, diskonteret, {currency} pr. borger. "
        "+ = merudgift for aktøren; − = aktøren får en gevinst. Selve programmet er tegnet adskilt fra resten; ruden "
        "er nettobeløbet med 95 %-interval over trækninger.",
    ),
    "caption_plane": (
        "Each point is one draw of all parameters, compared with {comparator}; a large marker is a mean. {shown} of "
        "{draws} draws are drawn. The efficiency frontier joins the means of the strategies that are best at some "
        "value of the effect.",
        "Hvert punkt er én trækning af alle parametre, sammenlignet med {comparator}; et stort mærke er et "
        "gennemsnit. {shown} af {draws} trækninger er tegnet. Effektivitetsfronten forbinder gennemsnittene af de "
        "strategier, der er bedst ved en eller anden værdi af effekten.",
    ),
    "caption_density": (
        "The lines around the points hold 95 % (dotted) and 50 % of the draws of a strategy.",
        "Linjerne om punkterne rummer 95 % (prikket) og 50 % af en strategis trækninger.",
    ),
    "caption_ceac": (
        "How probable it is that each strategy is the best choice, by what a unit of effect is worth to the payer. "
        "Thick: corrected, with the luck of the simulated citizens removed; thin: as simulated.",
        "Hvor sandsynligt det er, at hver strategi er det bedste valg, alt efter hvad en effektenhed er værd for "
        "betaleren. Tyk: korrigeret, uden tilfældigheder fra de simulerede borgere; tynd: som simuleret.",
    ),
    "caption_ceac_raw": (
        "How probable it is that each strategy is the best choice, by what a unit of effect is worth to the payer.",
        "Hvor sandsynligt det er, at hver strategi er det bedste valg, alt efter hvad en effektenhed er værd for "
        "betaleren.",
    ),
    "caption_ceaf": (
        "The same probability for the strategy that is best on average, which is the one to choose.",
        "Samme sandsynlighed for den strategi, som er bedst i gennemsnit, og som derfor bør vælges.",
    ),
    "caption_cost_by_year": (
        "Undiscounted cost per citizen in each year since start. Below: difference from {comparator}; "
        "+ = more cost for the payer.",
        "Udiskonteret omkostning pr. borger i hvert år siden start. Nederst: forskel fra {comparator}; "
        "+ = merudgift for betaleren.",
    ),
    "caption_trace": (
        "Share of citizens in each state at each time, by strategy.",
        "Andel af borgere i hver tilstand på hvert tidspunkt, for hver strategi.",
    ),
    "caption_time_to_return": (
        "Cumulative share of citizens for whom the event has begun. The dotted line is half of them, so the curve "
        "crosses it at the median time.",
        "Kumuleret andel af borgere, for hvem hændelsen er begyndt. Den prikkede linje er halvdelen, så kurven "
        "krydser den ved mediantiden.",
    ),
    "caption_tornado": (
        "{measure}, when one parameter at a time takes the low and the high end of its 95 % interval and the others "
        "keep their value. The line is the base case. The {shown} widest of {total} parameters are drawn.",
        "{measure}, når én parameter ad gangen sættes til den lave og den høje ende af sit 95 %-interval, og de andre "
        "beholder deres værdi. Linjen er hovedscenariet. De {shown} bredeste af {total} parametre er tegnet.",
    ),
    "caption_tornado_draws": (
        "Mean of {measure}, given one parameter at a time at the low and the high end of the middle 95 % of its draws; "
        "parameters related to it move along. The line is the mean of all draws. The {shown} widest of {total} "
        "parameters are drawn.",
        "Gennemsnit af {measure}, givet én parameter ad gangen ved den lave og den høje ende af de midterste 95 % af "
        "dens trækninger; parametre, der hænger sammen med den, følger med. Linjen er gennemsnittet af alle "
        "trækninger. De {shown} bredeste af {total} parametre er tegnet.",
    ),
    "caption_unmoved": ("These do not change it at all: {names}", "Disse ændrer det slet ikke: {names}"),
    "caption_unmoved_more": ("and {count} more", "og {count} til"),
    "caption_loss": (
        "What choosing a strategy loses on average, compared with knowing the best one: the lowest curve is the best "
        "choice, and its height is the value of perfect information (EVPI). The luck of the simulated citizens is "
        "removed.",
        "Hvad man i gennemsnit taber ved at vælge en strategi, sammenlignet med at kende den bedste: Den laveste kurve "
        "er det bedste valg, og dens højde er værdien af perfekt information (EVPI). Tilfældigheder fra de simulerede "
        "borgere er fjernet.",
    ),
    "caption_loss_raw": (
        "What choosing a strategy loses on average, compared with knowing the best one: the lowest curve is the best "
        "choice, and its height is the value of perfect information (EVPI).",
        "Hvad man i gennemsnit taber ved at vælge en strategi, sammenlignet med at kende den bedste: Den laveste kurve "
        "er det bedste valg, og dens højde er værdien af perfekt information (EVPI).",
    ),
    "caption_diagram": (
        "Each circle is a state, each arrow a possible transition. Grey arrows lead to states that can be entered "
        "from most others.",
        "Hver cirkel er en tilstand, hver pil en mulig overgang. Grå pile fører til tilstande, som kan nås fra de "
        "fleste andre.",
    ),
    "caption_matrix": (
        "A filled cell is a possible transition: from the state of its row to the state of its column. A number in it "
        "counts the transitions where they are several.",
        "Et udfyldt felt er en mulig overgang: fra rækkens tilstand til kolonnens tilstand. Et tal i feltet er "
        "antallet af overgange, hvor der er flere.",
    ),
    # explanations
    "who_pays_intro": (
        "Amounts are {currency} per citizen over the whole horizon, discounted: what the party pays less what it "
        "receives. Transfers between parties cancel in the sum.",
        "Beløb er {currency} pr. borger over hele tidshorisonten, diskonteret: det, aktøren betaler, minus det, "
        "aktøren modtager. Overførsler mellem aktører ophæver hinanden i summen.",
    ),
    "who_pays_outside": (
        "Accounts outside society show what society uses (real resources) and what it makes (production).",
        "Konti uden for samfundet viser, hvad samfundet forbruger (reelle ressourcer), og hvad det frembringer "
        "(produktion).",
    ),
    "icer_intro": (
        "For each perspective the strategies stand in order of cost. Extra cost and extra effect are relative to the "
        "strategy named in the same row. There is no official Danish value per {unit}, so no verdict is built in.",
        "For hvert perspektiv står strategierne efter omkostning. Meromkostning og mereffekt er i forhold til den "
        "strategi, der er nævnt i samme række. Der er ingen officiel dansk værdi pr. {unit}, så der er ingen indbygget "
        "dom.",
    ),
    "errors_intro": (
        "Numbers are printed to the first digit that their simulation error reaches, and limits of intervals to that "
        "of their own error.",
        "Tal vises til det første ciffer, som deres simulationsusikkerhed når, og intervalgrænser til deres egen.",
    ),
    "noise_intro": (
        "Each draw of the parameters is run with a finite number of simulated citizens, so some of the spread between "
        "draws is luck and not uncertainty about the programme. The table separates the two for the difference from "
        "{comparator}. A share near or above 100 % means that luck is nearly all of the spread: intervals as simulated "
        "are then far too wide, and the corrected ones are the better guide. More individuals per draw shrink it.",
        "Hver trækning af parametrene køres med et endeligt antal simulerede borgere, så noget af spredningen mellem "
        "trækninger er tilfældigheder og ikke usikkerhed om programmet. Tabellen adskiller de to for forskellen fra "
        "{comparator}. En andel nær eller over 100 % betyder, at tilfældigheder er næsten hele spredningen: "
        "intervaller, som de er simuleret, er da alt for brede, og de korrigerede er den bedste vejledning. "
        "Flere individer pr. trækning gør den mindre.",
    ),
    "implied_intro": (
        "What the model's parameters together imply, for comparison with studies.",
        "Hvad modellens parametre tilsammen indebærer, til sammenligning med studier.",
    ),
    "assumptions_intro": (
        "These {count} parameters rest on judgement and not on a source.",
        "Disse {count} parametre hviler på et skøn og ikke på en kilde.",
    ),
    "no_assumptions": ("No parameter is an assumption.", "Ingen parameter er en antagelse."),
    "nothing": ("Nothing was computed for this section.", "Intet er beregnet til dette afsnit."),
    "choose_perspective": ("Perspective", "Perspektiv"),
    "choose_passage": ("Event", "Hændelse"),
    "choose_strategy": ("Strategy", "Strategi"),
    "no_script": (
        "The figures need JavaScript; the tables hold the numbers.",
        "Figurerne kræver JavaScript; tallene står i tabellerne.",
    ),
    "no_script_page": ("The figure needs JavaScript.", "Figuren kræver JavaScript."),
    "figure_failed": (
        "This figure could not be drawn; the tables hold the numbers.",
        "Denne figur kunne ikke tegnes; tallene står i tabellerne.",
    ),
    "table_numbers": ("The numbers in a table", "Tallene i en tabel"),
    # plotly's own buttons
    "button_image": ("Download as a picture", "Hent som billede"),
    "button_reset": ("Reset axes", "Nulstil akser"),
} | DECISION_TERMS
"""Key to (English, Danish)."""

TERMS |= TERMS_DSA
TERMS |= TERMS_EVALUATION
TERMS |= TERMS_VOI
TERMS |= TERMS_CAPTIONS
TERMS |= TERMS_SENTENCES

UNITS: dict[str, tuple[str, str, str, str]] = {
    "QALY": ("QALY", "QALY", "QALY", "QALY"),
    "weeks": ("week", "weeks", "uge", "uger"),
    "days": ("day", "days", "dag", "dage"),
    "months": ("month", "months", "måned", "måneder"),
    "years": ("year", "years", "år", "år"),
    "events": ("event", "events", "hændelse", "hændelser"),
    "points": ("point", "points", "point", "point"),
    "share": ("citizen", "citizens", "borger", "borgere"),
    "DKK": ("DKK", "DKK", "kr.", "kr."),
    "DKK per week": ("DKK per week", "DKK per week", "kr. pr. uge", "kr. pr. uge"),
    "DKK per month": ("DKK per month", "DKK per month", "kr. pr. måned", "kr. pr. måned"),
    "DKK per year": ("DKK per year", "DKK per year", "kr. pr. år", "kr. pr. år"),
    "citizens": ("citizen", "citizens", "borger", "borgere"),
    "citizens a year": ("citizen a year", "citizens a year", "borger pr. år", "borgere pr. år"),
    "consultants": ("consultant", "consultants", "konsulent", "konsulenter"),
    "share a year": ("share a year", "share a year", "andel pr. år", "andel pr. år"),
    "ratio to the year before": (
        "times the year before",
        "times the year before",
        "gange året før",
        "gange året før",
    ),
}
"""Unit of an effect to English singular and plural, Danish singular and plural. A share is of citizens."""


def term(key: str, language: str = "en", **values: object) -> str:
    """The wording of a key, with `values` put into its places. Raises ScenarioError for an unknown language or key.

    >>> term("who_pays", "da")
    'Hvem betaler – hvem får gevinsten'
    """
    check_language(language)
    if key not in TERMS:
        raise ScenarioError("the presentation has no such term", value=key)
    text = TERMS[key][language == "da"]
    # a sentence that ends in an abbreviation has one full stop
    written = text.format(**values).replace("kr..", "kr.") if values else text
    return written.replace(" %", f"{SPACE}%")


def unit_name(unit: str, language: str = "en", *, plural: bool = True) -> str:
    """The unit of an effect in the language; a unit without a translation is returned as it is.

    >>> unit_name("weeks", "da", plural=False), unit_name("life years", "da")
    ('uge', 'life years')
    """
    check_language(language)
    known = UNITS.get(unit)
    return unit if known is None else known[2 * (language == "da") + plural]
