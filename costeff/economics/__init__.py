"""Decisions from costs and effects: ICER table, net benefit, acceptability, losses, noise, one-way tables.

May import costeff.errors and, for its one compiled pass, costeff.kernel_cache, and nothing else of costeff;
numpy inside, pandas and xarray only in what is returned.
"""

from costeff.economics.acceptability import ceac, ceaf
from costeff.economics.advice import best_individuals, split_advice
from costeff.economics.convergence import convergence
from costeff.economics.deciders import by_decision_maker
from costeff.economics.decision_matrix import decision_matrix, side_by_side
from costeff.economics.density import density
from costeff.economics.dsa import tornado_table
from costeff.economics.evaluation import Evaluation
from costeff.economics.evpi import decisions, evpi
from costeff.economics.evppi import evppi
from costeff.economics.evsi import enbs, evsi
from costeff.economics.frontier import STATUSES, Standing, frontier
from costeff.economics.gsa import GIVEN_DATA, RESULTS, GlobalSensitivity, explained, gsa, result_values
from costeff.economics.gsa_design import DESIGNS, Design, design, indices
from costeff.economics.icer import dominating, fieller, icer_interval, icer_table, quadrant
from costeff.economics.implementation import implementation
from costeff.economics.intervals import interval, monte_carlo_error
from costeff.economics.keep import keep
from costeff.economics.loss import expected_loss
from costeff.economics.mixed import mixed_strategy
from costeff.economics.net_benefit import incremental_nmb, nhb, nmb
from costeff.economics.noise import incremental_nmb_interval, noise, noise_corrected
from costeff.economics.pairwise import pairwise
from costeff.economics.read_psa import read_psa
from costeff.economics.risk_aversion import risk_aversion
from costeff.economics.stratified import stratified
from costeff.economics.structures import mixture, structural_average
from costeff.economics.study_design import Endpoint, StudyDesign
from costeff.economics.two_level import noise_comparison
from costeff.economics.wtp import WtpCurve, wtp_curve

__all__ = [
    "DESIGNS",
    "GIVEN_DATA",
    "RESULTS",
    "STATUSES",
    "Design",
    "Endpoint",
    "Evaluation",
    "GlobalSensitivity",
    "Standing",
    "StudyDesign",
    "WtpCurve",
    "best_individuals",
    "by_decision_maker",
    "ceac",
    "ceaf",
    "convergence",
    "decision_matrix",
    "decisions",
    "density",
    "design",
    "dominating",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "expected_loss",
    "explained",
    "fieller",
    "frontier",
    "gsa",
    "icer_interval",
    "icer_table",
    "implementation",
    "incremental_nmb",
    "incremental_nmb_interval",
    "indices",
    "interval",
    "keep",
    "mixed_strategy",
    "mixture",
    "monte_carlo_error",
    "nhb",
    "nmb",
    "noise",
    "noise_comparison",
    "noise_corrected",
    "pairwise",
    "quadrant",
    "read_psa",
    "result_values",
    "risk_aversion",
    "side_by_side",
    "split_advice",
    "stratified",
    "structural_average",
    "tornado_table",
    "wtp_curve",
]
