"""Words of the figures on decisions, convergence and global sensitivity: key to (English, Danish).

Kept apart from `terms` for its length only; `term` reads both.
"""

from __future__ import annotations

DECISION_TERMS: dict[str, tuple[str, str]] = {
    # expected loss
    "axis_loss": (
        "Expected loss of choosing it, {currency} {per}",
        "Forventet tab ved at vælge den, {currency} {per}",
    ),
    # decision matrix
    "lead": ("ahead by {money}", "foran med {money}"),
    "likely": ("best in {probability}", "bedst i {probability}"),
    "unsettled_cell": ("not settled", "ikke afgjort"),
    "tied_cell": ("tied", "lige gode"),
    # mixed strategies
    "mixed_loss": ("Lost by the mix", "Tabt ved blandingen"),
    "mixed_evpi": ("Lost by not knowing (EVPI)", "Tabt ved uvidenhed (EVPI)"),
    "mixed_total": ("Both together", "Begge tilsammen"),
    "axis_mixed": ("Expected loss, {currency} {per}", "Forventet tab, {currency} {per}"),
    "mix_of": ("In use: {shares}", "I brug: {shares}"),
    # risk aversion
    "axis_aversion": ("Risk aversion, per {currency}", "Risikoaversion, pr. {currency}"),
    "axis_certain": (
        "Certainty equivalent less that of {strategy}, {currency} {per}",
        "Sikkerhedsækvivalent minus den for {strategy}, {currency} {per}",
    ),
    # convergence
    "axis_draws": ("Draws", "Trækninger"),
    "axis_increment_nmb": (
        "Incremental net benefit at {money} per {unit}, {currency} {per}",
        "Ekstra nettogevinst ved {money} pr. {unit}, {currency} {per}",
    ),
    "axis_increment_effect": ("Incremental effect, {unit} {per}", "Ekstra effekt, {unit} {per}"),
    # global sensitivity
    "axis_level_nmb": (
        "Net benefit at {money} per {unit}, {currency} {per}",
        "Nettogevinst ved {money} pr. {unit}, {currency} {per}",
    ),
    "axis_level_effect": ("Effect, {unit} {per}", "Effekt, {unit} {per}"),
    "axis_share": ("Share of the variance of: {measure}", "Andel af variansen af: {measure}"),
    "gsa_first": ("By itself (first order)", "Alene (første orden)"),
    "gsa_total": ("With interactions (total)", "Med samspil (total)"),
    "axis_mu_star": (
        "Mean absolute change µ* over the range of a factor: {measure}",
        "Gennemsnitlig absolut ændring µ* over en faktors spænd: {measure}",
    ),
    "axis_sigma": ("Spread of changes σ (interaction, curvature)", "Spredning af ændringer σ (samspil, krumning)"),
    "gsa_joint": ("Drawn jointly (no σ)", "Trukket samlet (uden σ)"),
    "gsa_single": ("One parameter", "Én parameter"),
    "axis_pawn": (
        "Distance between distributions (PAWN, median): {measure}",
        "Afstand mellem fordelinger (PAWN, median): {measure}",
    ),
    "pawn_floor": ("reached by chance", "nås ved tilfældighed"),
}  # fmt: skip
