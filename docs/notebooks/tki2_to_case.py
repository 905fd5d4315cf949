# ---
# jupyter:
#   jupytext: {text_representation: {extension: .py, format_name: percent}}
# ---

# %% [markdown]
# # From a run per citizen to a municipality's budget years
#
# TKI2 as a study (per citizen over five years), then as an investment case (everybody, by budget year). Few draws
# and people, so that
# it ends in seconds: the numbers of record are in README and the case page.

# %%
import costeff as ce

study = ce.load("tki2")
result = study.psa(draws=16, individuals=50, seed=1, progress=False)
print(result.parties()[["party", "increment", "mcse"]].round(0).to_string(index=False))

# %% [markdown]
# ## Who decides, and by which rule
#
# A payer decides by kroner; no value is put on health.

# %%
decision = result.summary()["decision"]
for sentence in decision["answers"]["recommended"]:
    print(sentence)
assert decision["perspectives"]["municipal"]["rule"] == "net_cost"

# %% [markdown]
# ## The case: inflow, capacity, dated rules

# %%
case = ce.invest("tki2-aarhus-investment", draws=16, individuals=50, seed=1, progress=False)
print(case)
