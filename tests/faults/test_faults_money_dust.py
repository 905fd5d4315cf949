"""Anchored in an identity: who is paid exactly what the work costs has neither a gain nor a loss.

Given: Expert@Work, in which fees of state and patients are together the work of the general practitioner. Was: a net
of 0.0000002 kroner, told as a gain ("Fastlegen 0,000000 kr"). Right: 0.
"""

from __future__ import annotations

import numpy as np

import costeff as ce
from costeff.ledger import parties_net


def test_a_party_that_passes_on_what_it_receives_has_a_net_of_0() -> None:
    result = ce.load("expert-at-work").psa(draws=8, individuals=20, seed=1, progress=False)
    by_cell = parties_net(result.model, result.flows, result.simulated.layer_cost)["gp"].sum(axis=-1)
    assert 0 < np.abs(by_cell).max() < 1e-5  # cells are rounded one by one, so that their sum is not quite 0
    assert not result.totals.party["gp"].any()
    rows = result.parties()
    own = rows[rows["party"] == "gp"]
    assert (own[["increment", "mcse", "lo", "hi"]] == 0).all(axis=None)
    others = [name for name in result.totals.party if name != "gp"]
    assert all(result.totals.party[name].any() for name in others if name != "others")
