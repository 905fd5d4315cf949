"""The command line: one file for each group of commands, registered here. Heavy modules load when a command runs."""

import costeff.app.command as app
import costeff.investment.command as invest
import costeff.investment.command_ask as ask
import costeff.investment.command_new as new
import costeff.investment.soem.command as soem
from costeff.cea import command as cea
from costeff.cli import everyday, files, workshop
from costeff.psfs import command as psfs
from costeff.rollout import command as rollout
from costeff.sensitivity import command as dsa
from costeff.sensitivity import command_gsa as gsa
from costeff.severity import command as severity
from costeff.shell.base import main
from costeff.trial import command as trial
from costeff.trial import command_analyse as analyse
from costeff.trial import command_fit as fit
from costeff.trial import command_tabulate as tabulate
from costeff.trial import command_update as update
from costeff.verification import command as verification
from costeff.verification import command_checklist as checklist
from costeff.voi import command as voi

__all__ = [
    "analyse",
    "app",
    "ask",
    "cea",
    "checklist",
    "dsa",
    "everyday",
    "files",
    "fit",
    "gsa",
    "invest",
    "main",
    "new",
    "psfs",
    "rollout",
    "severity",
    "soem",
    "tabulate",
    "trial",
    "update",
    "verification",
    "voi",
    "workshop",
]
