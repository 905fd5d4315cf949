"""Figures of a trial's data: cumulative incidence by group, and the programme's steps with their links."""

from costeff.trial.figures.incidence import trial_figures

__all__ = ["trial_figures"]
