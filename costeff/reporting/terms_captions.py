"""Titles and captions of figures that stand alone on a page, in English and Danish; `terms.py` takes them up."""

from __future__ import annotations

TERMS_CAPTIONS: dict[str, tuple[str, str]] = {
    "band_interval": (
        "Band: 95 % Monte Carlo interval.",
        "Bånd: 95 %-interval for simulationsusikkerheden.",
    ),
    "line_interval": (
        "Lines: 95 % Monte Carlo interval.",
        "Streger: 95 %-interval for simulationsusikkerheden.",
    ),
    "no_interval": (
        "No interval is drawn: it takes five independent draws, designs or batches to know the simulation error.",
        "Der er intet interval: Det kræver fem uafhængige trækninger, planer eller grupper at kende "
        "simulationsusikkerheden.",
    ),
    "title_evpi": ("Value of perfect information (EVPI)", "Værdi af perfekt information (EVPI)"),
    "shows_evpi": (
        "What it would be worth to know every parameter exactly, by what a unit of effect is worth.",
        "Hvad det ville være værd at kende alle parametre præcist, efter hvad en effektenhed er værd.",
    ),
    "shows_evpi_one": (
        "What it would be worth to know every parameter exactly.",
        "Hvad det ville være værd at kende alle parametre præcist.",
    ),
    "title_evppi": ("Value of knowing a parameter (EVPPI)", "Værdi af at kende en parameter (EVPPI)"),
    "shows_evppi": (
        "What it would be worth to know each parameter or group exactly, while the others stay uncertain.",
        "Hvad det ville være værd at kende hver parameter eller gruppe præcist, mens de andre er usikre.",
    ),
    "shows_inadequate": (
        "A pale bar with stripes: the regression does not describe the draws well.",
        "En lys, stribet bjælke: Regressionen beskriver ikke trækningerne godt.",
    ),
    "shows_evppi_curves": (
        "What it would be worth to know each parameter or group exactly, by what a unit of effect is worth; the {most} "
        "with the largest value.",
        "Hvad det ville være værd at kende hver parameter eller gruppe præcist, efter hvad en effektenhed er værd; de "
        "{most} med størst værdi.",
    ),
    "title_evsi": ("Value of a study by its size (EVSI)", "Værdi af en undersøgelse efter størrelse (EVSI)"),
    "shows_evsi": (
        "What the data of the study are worth before they are known.",
        "Hvad undersøgelsens data er værd, før de kendes.",
    ),
    "title_enbs": (
        "Net benefit of a study by its size (ENBS)",
        "Nettogevinst af en undersøgelse efter størrelse (ENBS)",
    ),
    "shows_enbs": (
        "What the study is worth for all decisions, less what it costs. The diamond is the highest value tried.",
        "Hvad undersøgelsen er værd for alle beslutninger, minus hvad den koster. Ruden er den højeste værdi, der er "
        "prøvet.",
    ),
    "title_implementation": ("Value of implementation", "Værdi af implementering"),
    "shows_implementation": (
        "Expected net benefit by how far the best choice is followed, with what is known now and with perfect "
        "information.",
        "Forventet nettogevinst efter hvor langt det bedste valg følges, med nuværende viden og med perfekt "
        "information.",
    ),
    "title_deciders": ("Who gains from whose information", "Hvem får gevinsten af hvis viden"),
    "shows_deciders": (
        "For each who decides: what each party gains when the one who decides is informed.",
        "For hver, der beslutter: hvad hver part vinder, når den, der beslutter, får viden.",
    ),
    "title_matrix": ("Who prefers what", "Hvem foretrækker hvad"),
    "shows_matrix": (
        "The strategy with the highest expected net benefit for each perspective and willingness to pay, how far it is "
        "ahead, and how often it is best. Pale with a star: simulation error could turn it.",
        "Strategien med den højeste forventede nettogevinst for hvert perspektiv og hver betalingsvillighed, hvor "
        "langt den er foran, og hvor ofte den er bedst. Lys med stjerne: Simulationsusikkerhed kan vende den.",
    ),
    "title_subgroups": ("Results by subgroup", "Resultater efter gruppe"),
    "shows_subgroups": (
        "Right of 0 the strategy is better than {strategy}. Lines hold 95 % of the draws; below each name its share.",
        "Til højre for 0 er strategien bedre end {strategy}. Streger rummer 95 % af trækningerne; under hvert navn "
        "står andelen.",
    ),
    "title_sobol": ("What drives the variance (Sobol indices)", "Hvad der driver variansen (Sobol-indeks)"),
    "shows_sobol": (
        "Share of the variance that a factor explains by itself, and with its interactions. Lines: 95 % interval.",
        "Andel af variansen, som en faktor forklarer alene og med samspil. Streger: 95 %-interval.",
    ),
    "title_regression": ("What drives the variance (regression)", "Hvad der driver variansen (regression)"),
    "shows_regression": (
        "Share of the variance that a factor explains, from a regression on the draws.",
        "Andel af variansen, som en faktor forklarer, fra en regression på trækningerne.",
    ),
    "title_pawn": ("What moves the distribution (PAWN)", "Hvad der flytter fordelingen (PAWN)"),
    "shows_pawn": (
        "How far the distribution of the result moves when a factor is known. The dotted line is what a factor without "
        "influence reaches by chance.",
        "Hvor langt fordelingen af resultatet flytter sig, når en faktor kendes. Den prikkede linje er det, en faktor "
        "uden betydning når ved tilfældighed.",
    ),
    "title_morris": ("What moves the result (Morris)", "Hvad der flytter resultatet (Morris)"),
    "shows_morris": (
        "Each point is a factor: to the right it moves the result more, upwards its effect depends on the others or is "
        "curved. Points without a name show it when pointed at.",
        "Hvert punkt er en faktor: Til højre flytter den resultatet mere, opad afhænger dens effekt af de andre eller "
        "er krum. Punkter uden navn viser det, når der peges på dem.",
    ),
    "title_two_way": ("Two parameters at once: {strategy}", "To parametre på én gang: {strategy}"),
    "shows_two_way": (
        "{measure}. Blue is good for the strategy, orange bad, white neither. The marks say which strategy is "
        "preferred in a cell; the star is the unchanged case.",
        "{measure}. Blå er godt for strategien, orange dårligt, hvid ingen af delene. Mærkerne siger, hvilken strategi "
        "der foretrækkes i et felt; stjernen er det uændrede tilfælde.",
    ),
    "title_threshold": ("Where the decision turns: {name}", "Hvor beslutningen vender: {name}"),
    "shows_threshold": (
        "{measure}, as the parameter changes. Diamond: where the target is reached, with its simulation error. The "
        "pale field is the parameter's 95 % interval.",
        "{measure}, når parameteren ændres. Rude: hvor målet nås, med simulationsfejl. Det lyse felt er parameterens "
        "95 %-interval.",
    ),
    "title_scenarios": ("Scenarios side by side", "Scenarier side om side"),
    "shows_scenarios": (
        "A mark for each scenario; parameters keep their values.",
        "Et mærke for hvert scenarie; parametre beholder deres værdi.",
    ),
    "title_loss": ("Expected loss", "Forventet tab"),
    "title_mixed": ("Several strategies in use at once", "Flere strategier i brug på én gang"),
    "shows_mixed": (
        "What is lost on average by the mix, by not knowing, and by both.",
        "Hvad der i gennemsnit tabes ved blandingen, ved uvidenhed og ved begge dele.",
    ),
    "title_risk": ("Choices of those who avoid risk", "Valg for den, der undgår risiko"),
    "shows_risk": (
        "Above 0 a strategy is better than {strategy} for one with that aversion to risk.",
        "Over 0 er en strategi bedre end {strategy} for en med den risikoaversion.",
    ),
    "title_convergence": ("Convergence", "Konvergens"),
    "shows_convergence": (
        "The mean after so many draws.",
        "Gennemsnittet efter så mange trækninger.",
    ),
    "missing_plotly": (
        "This page draws its figure with the file {file}, which is not beside it. Send or move the whole folder.",
        "Denne side tegner sin figur med filen {file}, som ikke ligger ved siden af. Send eller flyt hele mappen.",
    ),
    "scroll_hint": (
        "The table is wider than the page: scroll it sideways to see all columns.",
        "Tabellen er bredere end siden: rul den til siden for at se alle kolonner.",
    ),
}
