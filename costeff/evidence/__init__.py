"""Evidence: what is known. Parameters with units, distributions and sources; price indices; tables; draws.

Rank 3: imports only `costeff.errors` and `costeff.units`. The file format is described at `read_evidence` and
in docs; everything in a file can also be built in Python with the names below.
"""

from costeff.evidence.correlation import Correlation
from costeff.evidence.distributions.bounded import Pert, Triangular
from costeff.evidence.distributions.counted import EventRate
from costeff.evidence.distributions.distribution import Distribution
from costeff.evidence.distributions.joint import (
    Dirichlet,
    Empirical,
    EmpiricalRows,
    Group,
    LogitNormal,
    MultivariateNormal,
)
from costeff.evidence.distributions.skewed import Beta, Gamma, Lognormal
from costeff.evidence.distributions.symmetric import Fixed, Normal, Uniform
from costeff.evidence.evidence import Evidence
from costeff.evidence.factors import Factor, factors, values_at
from costeff.evidence.interval_check import IntervalWarning
from costeff.evidence.parameter import Parameter
from costeff.evidence.prices import PriceIndex, read_price_index
from costeff.evidence.random_effects import NewPlace, new_place
from costeff.evidence.read import read_evidence
from costeff.evidence.setting import Changes
from costeff.evidence.source import Setter, Source
from costeff.evidence.tables import Table
from costeff.problems import CollectedEvidenceError

__all__ = [
    "Beta",
    "Changes",
    "CollectedEvidenceError",
    "Correlation",
    "Dirichlet",
    "Distribution",
    "Empirical",
    "EmpiricalRows",
    "EventRate",
    "Evidence",
    "Factor",
    "Fixed",
    "Gamma",
    "Group",
    "IntervalWarning",
    "LogitNormal",
    "Lognormal",
    "MultivariateNormal",
    "NewPlace",
    "Normal",
    "Parameter",
    "Pert",
    "PriceIndex",
    "Setter",
    "Source",
    "Table",
    "Triangular",
    "Uniform",
    "factors",
    "new_place",
    "read_evidence",
    "read_price_index",
    "values_at",
]
