"""Multiple systems estimation: how many people nobody has seen, from the overlap of incomplete lists.

>>> from tally import prevalence
>>> answer = prevalence.estimate(prevalence.published_table("Kosovo"), method=["stepwise", "bic"], replicates=1000)
>>> round(answer.best.estimate), answer.verdict
(14342, 'publish as a range')
"""

from tally.prevalence.checkpoint import Checkpoint
from tally.prevalence.estimation import ALL_METHODS, RECOMMENDED, estimate
from tally.prevalence.existence import Existence, check_existence
from tally.prevalence.graphical import GraphicalPosterior, average_graphs
from tally.prevalence.histories import Histories, UnusableTableError, read_histories
from tally.prevalence.intervals import Interval
from tally.prevalence.latent import LatentPosterior, sample_latent_classes
from tally.prevalence.loglinear import ModelFit, NoEstimateError, fit_model
from tally.prevalence.profile import profile_interval
from tally.prevalence.published import PUBLISHED, published_table
from tally.prevalence.result import Estimate, MethodEstimate, Reason, Spread
from tally.prevalence.strata import StrataEstimate, StratumEstimate, estimate_strata

__all__ = [
    "ALL_METHODS",
    "PUBLISHED",
    "RECOMMENDED",
    "Checkpoint",
    "Estimate",
    "Existence",
    "GraphicalPosterior",
    "Histories",
    "Interval",
    "LatentPosterior",
    "MethodEstimate",
    "ModelFit",
    "NoEstimateError",
    "Reason",
    "Spread",
    "StrataEstimate",
    "StratumEstimate",
    "UnusableTableError",
    "average_graphs",
    "check_existence",
    "estimate",
    "estimate_strata",
    "fit_model",
    "profile_interval",
    "published_table",
    "read_histories",
    "sample_latent_classes",
]
