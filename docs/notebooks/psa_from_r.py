# ---
# jupyter:
#   jupytext: {text_representation: {extension: .py, format_name: percent}}
# ---

# %% [markdown]
# # A table of draws from R: decisions and value of information in five lines
#
# Any program will do. Here the table is made as BCEA has it: effects and costs by draw, columns e.X and c.X;
# parameters beside them.

# %%
import numpy as np
import pandas as pd

import costeff as ce

rng = np.random.default_rng(1)
hr, price = rng.normal(0.8, 0.1, 1000), rng.normal(900, 100, 1000)
table = pd.DataFrame(
    {"e.Usual": 2.0, "e.New": 2.5 - 0.5 * hr, "c.Usual": 5000.0, "c.New": 5000 * hr + price, "hr": hr, "price": price}
)
table.to_csv("from_r.csv", index=False)  # write.csv(cbind(e, c, parameters), "from_r.csv", row.names = FALSE)

# %% [markdown]
# ## Read it as it is: what was understood is said

# %%
evaluation = ce.read_psa("from_r.csv", currency="EUR")
print(evaluation.attrs["read_as"])
print(evaluation.icer_table()[["strategy", "cost", "effect", "icer"]].round(3).to_string(index=False))

# %% [markdown]
# ## The value of knowing, checked by hand

# %%
benefit = 20_000 * table[["e.Usual", "e.New"]].to_numpy() - table[["c.Usual", "c.New"]].to_numpy()
by_hand = benefit.max(axis=1).mean() - benefit.mean(axis=0).max()
evpi = float(evaluation.evpi(20_000)["evpi"][0])
print("EVPI", round(evpi, 2), "EUR per person, by hand", round(by_hand, 2))
assert np.isclose(evpi, by_hand)
for name in ("hr", "price"):
    print("EVPPI of", name, round(float(evaluation.evppi(name, 20_000)["evppi"].item()), 2))

# %% [markdown]
# ## A report that opens anywhere

# %%
evaluation.report("from_r.html", wtp=[20_000])
