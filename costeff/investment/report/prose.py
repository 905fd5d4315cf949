"""Sentences, captions and notes of an investment case's pages, in English and Danish."""

from __future__ import annotations

CASE_PROSE: dict[str, tuple[str, str]] = {
    # page 1 sentences: {name} stands inside a sentence, {title} begins one
    "decider_marginal": ("the municipality", "kommunen"),
    "decider_all_municipalities": ("the municipalities together", "kommunerne under ét"),
    "says_programme": (
        "{programme}, compared with: {comparator}.",
        "{programme}, sammenlignet med: {comparator}.",
    ),
    "says_gain": (
        "{name}: over {years} ({span}) the case is a net gain of {money} in present value "
        "(80 % interval {interval}). Probability of a gain: {probability}.",
        "{name}: Over {years} ({span}) giver casen en nettogevinst på {money} i nutidsværdi "
        "(80 %-interval {interval}). Sandsynligheden for en gevinst er {probability}.",
    ),
    "says_loss": (
        "{name}: over {years} ({span}) the case is a net cost of {money} in present value "
        "(80 % interval {interval}). Probability of a gain: {probability}.",
        "{name}: Over {years} ({span}) giver casen en nettoudgift på {money} i nutidsværdi "
        "(80 %-interval {interval}). Sandsynligheden for en gevinst er {probability}.",
    ),
    "says_even": (
        "{name}: over {years} ({span}) the case neither costs nor saves.",
        "{name}: Over {years} ({span}) hverken koster eller sparer casen penge.",
    ),
    "says_gain_one": (
        "{name}: over {years} ({span}) the case is a net gain of {money} in present value (one draw, "
        "so no "
        "interval).",
        "{name}: Over {years} ({span}) giver casen en nettogevinst på {money} i nutidsværdi (én "
        "trækning, så "
        "intet interval).",
    ),
    "says_loss_one": (
        "{name}: over {years} ({span}) the case is a net cost of {money} in present value (one draw, "
        "so no "
        "interval).",
        "{name}: Over {years} ({span}) giver casen en nettoudgift på {money} i nutidsværdi (én "
        "trækning, så "
        "intet interval).",
    ),
    "says_unsure": (
        "Whether it gains or costs is uncertain.",
        "Det er usikkert, om det er en gevinst eller en udgift.",
    ),
    "says_paid_back": (
        "After {years}, in {calendar}, {name} has the investment back (median; 80 % interval {interval}). "
        "The "
        "probability that it is paid back within {within} is {probability}.",
        "{title} har efter {years}, i {calendar}, tjent investeringen hjem (median; 80 %-interval "
        "{interval}). "
        "Sandsynligheden for, at investeringen er tjent hjem inden for {within}, er {probability}.",
    ),
    "says_paid_back_median": (
        "In the middle draw {name} has the investment back after {years}, in {calendar} (80 % interval "
        "{interval}), but "
        "on average {money} is missing at the end of the horizon (undiscounted). The probability that it is "
        "paid back "
        "within {within} is {probability}.",
        "I den midterste trækning har {name} efter {years}, i {calendar}, tjent investeringen hjem (80 "
        "%-interval "
        "{interval}), men i gennemsnit mangler der {money} ved horisontens udgang (udiskonteret). "
        "Sandsynligheden for, at "
        "investeringen er tjent hjem inden for {within}, er {probability}.",
    ),
    "says_paid_back_one": (
        "After {years}, in {calendar}, {name} has the investment back.",
        "{title} har efter {years}, i {calendar}, tjent investeringen hjem.",
    ),
    "says_never": (
        "The investment is not paid back within the horizon of {years}: {name} is still short of {money} at "
        "its end "
        "(undiscounted, expected). The probability that it is paid back by then is {probability}.",
        "Investeringen tjenes ikke hjem inden for horisonten på {years}: {name} mangler da {money} "
        "(udiskonteret, "
        "forventet). Sandsynligheden for, at den er tjent hjem til den tid, er {probability}.",
    ),
    "says_never_median": (
        "In the middle draw the investment is not paid back within the horizon of {years} for {name}. The "
        "probability "
        "that it is paid back by then is {probability}.",
        "I den midterste trækning tjenes investeringen ikke hjem inden for horisonten på {years} for {name}. "
        "Sandsynligheden for, at den er tjent hjem til den tid, er {probability}.",
    ),
    "says_no_investment": (
        "{title} puts no money into the programme, so there is no payback time.",
        "{title} lægger ingen penge i indsatsen, så der er ingen tilbagebetalingstid.",
    ),
    "says_discounted_payback": (
        "Counted in discounted amounts it takes {words}.",
        "Regnet i diskonterede beløb er det efter {words}.",
    ),
    "says_discounted_never": (
        "Counted in discounted amounts it is not paid back within the horizon.",
        "Regnet i diskonterede beløb tjenes den ikke hjem inden for horisonten.",
    ),
    "says_need": (
        "The expected budget profile needs {money} of financing ({calendar}, undiscounted).",
        "Den forventede budgetprofil kræver {money} ({calendar}, udiskonteret).",
    ),
    "says_deficit": (
        "The risk: in 1 draw of 10 the deficit of {name} is above {high} at its deepest (undiscounted).",
        "Risikoen: I 1 ud af 10 trækninger er underskuddet for {name} over {high}, når det er dybest "
        "(udiskonteret).",
    ),
    "tile_deficit": ("1 draw in 10: over {high}", "1 ud af 10 trækninger: over {high}"),
    "says_permanent_gain": (
        "At full effect, in {calendar}, the budget of {name} is {money} better off each year.",
        "Ved fuld effekt, i {calendar}, er budgettet for {name} forbedret med {money} om året.",
    ),
    "says_permanent_loss": (
        "At full effect, in {calendar}, the budget of {name} is {money} worse off each year.",
        "Ved fuld effekt, i {calendar}, er budgettet for {name} forringet med {money} om året.",
    ),
    "says_share": (
        "The public sector as a whole gains {money}; the share of {name} is {share}.",
        "Det offentlige under ét vinder {money}; heraf tilfalder {share} {name}.",
    ),
    "says_public_loss": (
        "The public sector as a whole loses {money}.",
        "Det offentlige under ét taber {money}.",
    ),
    "says_wrong_pocket": (
        "{title} pays and others gain: the public sector as a whole gains {public}, but {name} loses "
        "{money}. "
        "A "
        "transfer of that size would let it break even.",
        "{title} betaler, og andre får gevinsten: Det offentlige under ét vinder {public}, men {name} taber "
        "{money}. "
        "En overførsel af den størrelse får regnskabet til at gå op.",
    ),
    "says_citizens": (
        "{served} citizens begin the programme in {period}.",
        "{served} borgere begynder i indsatsen i {period}.",
    ),
    "says_citizen": (
        "1 citizen begins the programme in {period}.",
        "1 borger begynder i indsatsen i {period}.",
    ),
    "both_ends": ("{money} at both ends", "{money} i begge ender"),
    "says_queue": (
        "There are more citizens than places (waiting at the end of {calendar}: {waiting}; leaving the "
        "queue over the "
        "years: {left}).",
        "Der er flere borgere end pladser (venter ved udgangen af {calendar}: {waiting}; forlader køen i løbet af "
        "årene: {left}).",
    ),
    "says_effects": ("For the citizens in all: {list}.", "For borgerne i alt: {list}."),
    "says_largest_cost": (
        "The programme may cost {name} up to {money} for each citizen who begins before the case no longer "
        "pays "
        "(expected present value).",
        "Indsatsen må højst koste {name} {money} for hver borger, der begynder, hvis casen fortsat skal "
        "betale sig "
        "(forventet nutidsværdi).",
    ),
    "says_smallest_effect": (
        "It pays for {name} as long as at least {share} of the effect's expected consequences come about.",
        "Casen betaler sig for {name}, så længe mindst {share} af de forventede konsekvenser af effekten "
        "indtræffer.",
    ),
    "says_too_noisy": (
        "Simulation error (standard error {error}) could alone explain the difference: run more draws or "
        "individuals.",
        "Simulationsusikkerheden (standardfejl {error}) kan alene forklare forskellen: kør flere trækninger "
        "eller "
        "individer.",
    ),
    # notes
    "note_prediction": (
        "This is a model's prediction and not an evaluation of the programme.",
        "Dette er en models forudsigelse og ikke en evaluering af indsatsen.",
    ),
    "note_marginal": (
        "Reckoned for this municipality alone. When all municipalities do the same, the state lowers the "
        "block grant, "
        "and part of the gain on transfers goes back to the state.",
        "Regnet for denne kommune alene. Gør alle kommuner det samme, sænkes bloktilskuddet, og en del af "
        "gevinsten på "
        "overførsler går tilbage til staten.",
    ),
    "note_all_municipalities": (
        "Reckoned for all municipalities together: the block grant follows their net spending by the "
        "coverage shares in "
        "the annex.",
        "Regnet for alle kommuner under ét: bloktilskuddet følger deres nettoudgifter med de dækningsgrader, "
        "der står i "
        "bilaget.",
    ),
    "note_no_rules": (
        "The case names no `rules` with dates: the rates and laws of the model's own parameters hold in all its "
        "calendar years, and no reform is in it.",
        "Casen nævner ingen regler med datoer (`rules`): satser og love er modellens egne i alle kalenderår, og ingen "
        "reform er regnet med.",
    ),
    "note_split": (
        "The model's own cost per citizen stands, and is paid as the model has it: {model}. The shares of the case "
        "({case}) hold for the costs that it states itself; `variable` puts a cost per citizen under them.",
        "Modellens egen udgift pr. borger står ved magt og betales, som modellen har det: {model}. Casens andele "
        "({case}) gælder de udgifter, den selv angiver; med `variable` får den selv en udgift pr. borger.",
    ),
    "note_quality_of_life": (
        "Quality of life and working life of the citizens are outside the amounts of money.",
        "Borgernes livskvalitet og arbejdsliv er ikke regnet med i beløbene.",
    ),
    "note_discounting": (
        "Budget tables are undiscounted. Present values, used to rank cases, are discounted to {year}. They "
        "are not "
        "added to each other.",
        "Budgettabeller er udiskonterede. Nutidsværdier, som bruges til at rangordne cases, er "
        "tilbagediskonteret til "
        "{year}. De to slags beløb lægges ikke sammen.",
    ),
    "data_protection": (
        "The result is made from published figures, prices, rules and marked assumptions. It holds no data "
        "on persons, "
        "and no simulated life in it is a person. Counts of citizens are expected numbers.",
        "Resultatet er lavet af publicerede tal, priser, regler og mærkede antagelser. Det rummer ingen "
        "personoplysninger, og intet simuleret forløb i det er en person. Antal borgere er forventede antal.",
    ),
    "says_stated": (
        "{name}: stated as {stated} and uncertain; the tables hold the mean of the draws, {mean}.",
        "{name}: angivet til {stated} og usikker; tabellerne viser gennemsnittet af trækningerne, {mean}.",
    ),
    "note_projection": (
        "The price level of {year} is a projection that this case states and no published index: growth on the year "
        "before {list}.",
        "Pris- og lønniveauet {year} er en fremskrivning, som casen selv angiver, og ikke et offentliggjort indeks: "
        "vækst i forhold til året før {list}.",
    ),
    "note_projection_of_amounts": (
        "Amounts of later years are moved to {year} prices by a projection that this case states and no published "
        "index: growth on the year before {list}.",
        "Beløb fra senere år er flyttet til {year}-priser med en fremskrivning, som casen selv angiver, og ikke et "
        "offentliggjort indeks: vækst i forhold til året før {list}.",
    ),
    "note_noise": (
        "{share} of the spread of the result between draws is luck of the simulated citizens and not "
        "uncertainty about "
        "the inputs, so the intervals are too wide. More simulated citizens in each draw make them narrower.",
        "{share} af resultatets spredning mellem trækningerne er tilfældigheder mellem de simulerede borgere og ikke "
        "usikkerhed om forudsætningerne, så intervallerne er for brede. Flere simulerede borgere i hver trækning gør "
        "dem smallere.",
    ),
    "assumptions_note": (
        "These figures rest on judgement. Those with an interval are drawn from a distribution that has it as its 95 % "
        "interval; the others are held fixed.",
        "Disse tal hviler på et skøn. De, der har et interval, trækkes fra en fordeling med det som 95 %-interval; de "
        "øvrige ligger fast.",
    ),
    "sources_note": (
        "All figures are in sources.csv, each with its interval where it is uncertain, its source and its note.",
        "Alle tal står i sources.csv, hvert med interval, hvor det er usikkert, kilde og note.",
    ),
    # captions
    "caption_who": (
        "Present value over the whole horizon by party, with its 80 % interval. {sign}.",
        "Nutidsværdi over hele horisonten for hver aktør, med 80 %-interval. {sign}.",
    ),
    "caption_years": (
        "Net of each calendar year by payer, expected, undiscounted. The line is the public sector as a "
        "whole. {sign}.",
        "Netto i hvert kalenderår efter betaler, forventet, udiskonteret. Linjen er det offentlige under ét. "
        "{sign}.",
    ),
    "caption_cumulative": (
        "Cumulated net by the end of each calendar year, undiscounted. Dark band: half of the draws; light "
        "band: 80 % of "
        "them. {marker} {sign}.",
        "Kumuleret netto ved udgangen af hvert kalenderår, udiskonteret. Mørkt bånd: halvdelen af "
        "trækningerne; lyst "
        "bånd: 80 % af dem. {marker} {sign}.",
    ),
    "marker_at": (
        "The diamond marks the year from which the expected result stays at or above 0.",
        "Ruden viser det år, fra hvilket det forventede resultat bliver på eller over 0.",
    ),
    "marker_none": (
        "The expected result does not stay at or above 0 within the horizon.",
        "Det forventede resultat når ikke varigt op på 0 inden for horisonten.",
    ),
    "effect_from": (
        "It breaks even at {share} of the expected consequences.",
        "Den går i nul ved {share} af de forventede konsekvenser.",
    ),
    "effect_none": (
        "No share of the expected consequences pays for it.",
        "Ingen andel af de forventede konsekvenser kan betale for den.",
    ),
    "caption_waterfall": (
        "Expected present value for {name}, item by item, from the programme's cost to the total. {sign}.",
        "Forventet nutidsværdi for {name}, post for post, fra indsatsens udgift til det samlede beløb. "
        "{sign}.",
    ),
    "caption_tornado": (
        "Expected present value for {name} when one input at a time lies at the low and the high end of its 95 % "
        "interval, read off the draws by linear regression. Only inputs that stand out from chance are drawn. The "
        "line is the expected result. {marker} {sign}.",
        "Forventet nutidsværdi for {name}, når én forudsætning ad gangen ligger i den lave og den høje ende af sit "
        "95 %-interval, aflæst af trækningerne ved lineær regression. Kun forudsætninger, der skiller sig ud fra "
        "tilfældigheder, er tegnet. Linjen er det forventede resultat. {marker} {sign}.",
    ),
    "sign_mark": (
        "◆ marks an input that turns a gain into a cost or the other way round.",
        "◆ viser en forudsætning, der vender en gevinst til en udgift eller omvendt.",
    ),
    "caption_effect": (
        "Present value for {name} by how much of the expected consequences of the effect comes about; the band holds "
        "80 % of the draws. {marker} "
        "{sign}.",
        "Nutidsværdi for {name} efter, hvor stor en del af effektens forventede konsekvenser der indtræffer; "
        "båndet rummer 80 "
        "% af "
        "trækningerne. {marker} {sign}.",
    ),
    "caption_heat": (
        "Expected present value for {name} when the consequences of the effect and the programme's cost are scaled. "
        "0 % is a run without effect. The frame is the case itself. {marker} {sign}.",
        "Forventet nutidsværdi for {name}, når effektens konsekvenser og indsatsens udgift skaleres. 0 % er en "
        "beregning uden effekt. Rammen er casen selv. {marker} {sign}.",
    ),
    "marker_line": (
        "Along the dark line it breaks even.",
        "Langs den mørke linje går den i nul.",
    ),
    "caption_probability": (
        "Probability that the investment of {name} is paid back for good within so many calendar years, "
        "undiscounted. "
        "Expected result: uncertain inputs only. The other line: chance between citizens as well.",
        "Sandsynlighed for, at investeringen for {name} er tjent varigt hjem inden for så mange kalenderår, "
        "udiskonteret. "
        "Forventet resultat: kun usikre forudsætninger. Den anden linje: også tilfældig variation mellem "
        "borgerne.",
    ),
    "caption_citizens": (
        "Expected citizens by calendar year.",
        "Forventet antal borgere i hvert kalenderår.",
    ),
    # what is written
    "no_pdf": (
        "No PDF was written, as the browser failed ({reason}). Open {file} in any browser and print it.",
        "Der er ikke skrevet nogen PDF, da browseren fejlede ({reason}). Åbn {file} i en browser og udskriv den.",
    ),
    "no_browser": (
        "No PDF was written: no Chromium or Chrome was found. Open {file} in any browser and print it, or "
        "set CHROMIUM to "
        "the browser's path.",
        "Der er ikke skrevet nogen PDF: hverken Chromium eller Chrome blev fundet. Åbn {file} i en browser "
        "og udskriv "
        "den, eller sæt CHROMIUM til browserens sti.",
    ),
}
