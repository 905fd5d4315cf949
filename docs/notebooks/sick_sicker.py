# ---
# jupyter:
#   jupytext: {text_representation: {extension: .py, format_name: percent}}
# ---

# %% [markdown]
# # Sick-Sicker: a published teaching model, from file to decision
#
# Alarid-Escudero and others (Med Decis Making 2023) compare four strategies. The model is shipped; the cohort
# engine runs it exactly.

# %%
import costeff as ce

study = ce.load("sick_sicker")
print(study.describe()[:600])

# %% [markdown]
# ## The base case, as published

# %%
base = study.run(engine="cohort", progress=False).perspective("health_care")
table = base.icer_table()
print(table[["strategy", "cost", "effect", "icer", "status"]].round(2).to_string(index=False))
by_name = table.set_index("strategy")
assert by_name.loc["A", "status"] == "dominated"  # as published: A costs more and gives less than B

# %% [markdown]
# ## Uncertainty: 256 draws, and what deciding on them would lose

# %%
result = study.psa(draws=256, seed=1, engine="cohort", progress=False)
cea = result.perspective("health_care")
curves = cea.ceac([50_000, 100_000, 150_000])["probability"]
print(curves.to_pandas().round(2))
print("EVPI at 100,000 USD:", round(float(cea.evpi(100_000)["evpi"][0])), "USD")

# %% [markdown]
# ## Which parameters the choice rests on
#
# What it would be worth to know one parameter alone, per person, at 100,000 USD for a QALY.

# %%
for name in ("u_trtA", "hr_S1S2_trtB", "c_trtA"):
    print(name, round(float(cea.evppi(name, 100_000)["evppi"].item())))

# %% [markdown]
# ## Checks: a model where the answer is known

# %%
verification = ce.verify("sick_sicker", only=["shares_sum", "utility_of_one_gives_life_years", "net_benefit_by_hand"])
print(verification.table()[["check", "verdict"]].to_string(index=False))
assert not verification.failures
