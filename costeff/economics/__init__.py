"""Decisions from costs and effects: ICER table, net benefit, acceptability, losses, noise, one-way tables.

May import costeff.errors and, for its one compiled pass, costeff.kernel_cache, and nothing else of costeff;
numpy inside, pandas and xarray only in what is returned.
"""

from costeff.economics.acceptability import ceac, ceaf
from costeff.economics.advice import best_individuals, split_advice
from costeff.economics.dsa import tornado_table
from costeff.economics.evaluation import Evaluation
from costeff.economics.evpi import decisions, evpi
from costeff.economics.evppi import evppi
from costeff.economics.evsi import Endpoint, StudyDesign, enbs, evsi
from costeff.economics.frontier import STATUSES, Standing, frontier
from costeff.economics.icer import fieller, icer_interval, icer_table, quadrant
from costeff.economics.intervals import interval, monte_carlo_error
from costeff.economics.loss import expected_loss
from costeff.economics.net_benefit import incremental_nmb, nhb, nmb
from costeff.economics.noise import incremental_nmb_interval, noise, noise_corrected
from costeff.economics.read_psa import read_psa

__all__ = [
    "STATUSES",
    "Endpoint",
    "Evaluation",
    "Standing",
    "StudyDesign",
    "best_individuals",
    "ceac",
    "ceaf",
    "decisions",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "expected_loss",
    "fieller",
    "frontier",
    "icer_interval",
    "icer_table",
    "incremental_nmb",
    "incremental_nmb_interval",
    "interval",
    "monte_carlo_error",
    "nhb",
    "nmb",
    "noise",
    "noise_corrected",
    "quadrant",
    "read_psa",
    "split_advice",
    "tornado_table",
]
