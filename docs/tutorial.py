# ---
# jupyter:
#   jupytext: {text_representation: {extension: .py, format_name: percent}}
# ---

# %% [markdown]
# # Tutorial for health economists
#
# From a shipped model to the numbers of a results section, in ten steps. Run it as a script
# (`python docs/tutorial.py`), or open it as a notebook with jupytext. CI runs it. The run is small so that it ends in
# a minute; the main analysis has 1,024 draws of 200 individuals, and its numbers are in the README. Sentences that
# hold numbers are printed from the run, so that they cannot go stale.

# %%
import costeff as ce
from costeff.model import simulation_names


def say(*sentences: str) -> None:
    """Print a paragraph of the methods or results section."""
    print("\n" + " ".join(sentences))


# %% [markdown]
# ## 1. Load
#
# A study is a model with its evidence and what a scenario asks of it. A bare name is shipped with costeff; a file of
# your own is named by its path. Loading checks everything: units, sources, formulas, that no parameter goes unread.

# %%
study = ce.load("tki2")
conventions = study.model.conventions
parameters = study.evidence.parameters.values()
kinds = {kind: sum(p.kind == kind for p in parameters) for kind in ("published", "derived", "calibrated", "assumption")}
say(
    f"We compared {' with '.join(reversed(study.model.strategy_names))} in a microsimulation of",
    f"{len(study.model.states)} states in cycles of one {conventions.cycle} over",
    f"{conventions.horizon / conventions.cycles_per_year:g} years.",
    f"Costs are in {conventions.price_year} {conventions.currency}, {conventions.price_basis}.",
    f"Of {sum(kinds.values())} parameters, {kinds['assumption']} are assumptions without a published source.",
)

# %% [markdown]
# ## 2. Look before running
#
# `describe()` prints what a reviewer would check: states, transitions with formulas, clocks, flows with payer and
# recipient, every parameter with its source, every assumption. In a notebook `study` alone shows it.

# %%
print("\n".join(study.describe().splitlines()[:14]))

# %% [markdown]
# ## 3. The base case
#
# `run()` sets every parameter to its stated value and simulates one large cohort. It is for looking at the model, not
# for a result: the model is not linear, so the mean over draws is not the result at the mean of the parameters.

# %%
base = study.run(individuals=10_000, seed=1)
in_work = base.trace.sel(strategy="usual_care", state="work")
returned = base.effects_table().set_index("effect")["usual_care"]["returned_to_work"]
say(
    f"Under usual care {100 * float(in_work[52]):.0f} % were in work after one year and",
    f"{100 * float(in_work[-1]):.0f} % at the end of the horizon.",
    f"{100 * returned:.0f} % had returned to work within 52 weeks, that is, had begun four",
    "consecutive weeks in work; some of them had fallen ill again by then.",
)

# %% [markdown]
# ## 4. Probabilistic analysis
#
# Every draw is one set of parameters and a new population: individuals are redrawn too, since one population shared by
# all draws would understate the error. Both strategies meet the same individuals with the same luck, so differences are
# far more precise than levels. The same seed gives the same numbers on any number of threads.

# %%
result = study.psa(draws=200, individuals=300, seed=1, progress=False)
say(
    f"Parameter uncertainty was propagated by {result.draws} draws of {result.individuals} individuals (seed",
    f"{result.seed}); {result.simulated.person_cycles:,} person-weeks took {result.simulated.seconds:.1f} s.",
)

# %% [markdown]
# ## 5. Who pays and who gains
#
# A flow goes from one party to another. A party's cost is what flows out of it less what flows in, so a benefit costs
# the municipality what the citizen receives, and transfers cancel in the sum. `programme` is the programme's own cost.

# %%
payers = result.parties().set_index("party")
print(payers[["increment", "mcse", "lo", "hi", "programme"]].round(0).to_string())
msb = payers.loc["msb"]
say(
    f"For Social Affairs and Employment (MSB) TKI2 costs {msb['increment']:,.0f} {conventions.currency} more",
    f"per citizen (95 % interval {msb['lo']:,.0f} to {msb['hi']:,.0f}), of which",
    f"{msb['programme']:,.0f} is the programme itself.",
    f"The Monte Carlo standard error of that mean is {msb['mcse']:,.0f}: with more draws it would shrink;",
    "the interval would not. More individuals would take the luck out of it (part 7); the rest is uncertainty about",
    "the world.",
)

# %% [markdown]
# ## 6. The ICER table
#
# A perspective is a set of parties. The table is fully incremental; each mean carries its Monte Carlo standard error.
# A negative ratio is never printed: the status says what it would hide.

# %%
municipal = result.perspective("municipal")
table = municipal.icer_table()
print(table.T.to_string())
row = table.set_index("strategy").loc["tki2"]
certain = bool(row["settled"])
say(
    f"Seen from the municipality TKI2 costs {row['incremental_cost']:,.0f} {conventions.currency} and gives",
    f"{row['incremental_effect']:.4f} QALY (standard error {row['incremental_effect_mcse']:.4f}) more than usual care:",
    f"{row['status']}.",
    "Another seed would say the same."
    if certain
    else "Simulation error could explain this, so it is not settled and no ratio is formed.",
)

# %% [markdown]
# Any effect may be the denominator, and any perspective:

# %%
weeks = result.perspective("public", effect="weeks_sick_year_1").icer_table().set_index("strategy").loc["tki2"]
say(
    f"Weeks on sickness benefit in year 1 change by {weeks['incremental_effect']:.2f} per citizen, at",
    f"{weeks['incremental_cost']:,.0f} {conventions.currency} for the public sector.",
)

# %% [markdown]
# ## 7. How much of the spread is luck?
#
# With few individuals per draw the spread over draws mixes uncertainty about parameters with the luck of the
# individuals. The individuals of each draw are kept in two halves; half their difference measures the luck. It inflates
# intervals and flattens acceptability curves. `share` is the part of the variance that is noise.

# %%
noise = municipal.noise(wtp=300_000).set_index("quantity")
for quantity, digits in (("incremental_cost", 0), ("incremental_effect", 4), ("incremental_nmb", 0)):
    line = noise.loc[quantity]
    say(
        f"{quantity}: {100 * line['share']:.1f} % of the variance over draws is individual noise;",
        f"without it the standard deviation is {line['parameter_sd']:,.{digits}f}.",
    )

# %% [markdown]
# ## 8. Acceptability
#
# The probability that a strategy has the highest net benefit, by willingness to pay. Denmark publishes no threshold and
# costeff has none: you state the range. `probability_noise_corrected` is what more individuals per draw would show.

# %%
curve = municipal.ceac([0, 250_000, 500_000, 1_000_000])
print(curve[["probability", "probability_noise_corrected"]].to_dataframe().round(3).to_string())
at = float(curve["probability"].sel(strategy="tki2", wtp=500_000))
error = float(curve["probability_mcse"].sel(strategy="tki2", wtp=500_000))
say(
    f"At 500,000 {conventions.currency} per QALY the probability that TKI2 is the better choice for the",
    f"municipality is {at:.2f} (standard error {error:.2f}).",
)

# %% [markdown]
# ## 9. One figure, one report
#
# The report is one HTML file that opens without a network; figures in it are interactive. In a notebook the figure
# functions in the folders `figures` return Plotly figures.

# %%
result.report("tutorial_report.html")

# %% [markdown]
# ## 10. Change a parameter, compare
#
# A scenario file sets parameters, with a title and a reason to stand by. Shipped ones include *no effect* and *harm*.
# With the same seed a scenario meets the same people, so differences between scenarios are precise too.
# Parameters that only price need no new simulation; the others are marked.

# %%
needs = simulation_names(study.model)
for name in ("programme_cost", "hr_self_support"):
    say(f"{name}: {'needs a simulation' if name in needs else 'is re-priced'} when it changes.")

for name in ("no_effect", "harm"):
    other = ce.load(name).psa(draws=200, individuals=300, seed=1, progress=False)
    msb = other.parties().set_index("party").loc["msb"]
    say(f"{name}: MSB pays {msb['increment']:,.0f} more per citizen, the programme itself {msb['programme']:,.0f}.")

null = ce.load("no_effect").psa(draws=20, individuals=100, seed=1, progress=False)
assert (null.effects_table()["increment"] == 0).all(), "without an effect nothing may differ"
assert (null.parties()["increment"] == null.parties()["programme"]).all(), "without an effect only the programme costs"
say("Without an effect every result is exactly 0 and every party pays its share of the programme, to the last digit.")

# %% [markdown]
# Next: [write your own model](your_own_model.md), or read [how TKI2 is modelled](model_tki2.md).
