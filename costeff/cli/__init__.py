"""The command line: one file for each group of commands, registered here. Heavy modules load when a command runs."""

from costeff.cli import cea, dsa, everyday, gsa, invest, soem, voi, workshop
from costeff.cli.base import main

__all__ = ["cea", "dsa", "everyday", "gsa", "invest", "main", "soem", "voi", "workshop"]
