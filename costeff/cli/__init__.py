"""The command line: one file for each group of commands, registered here. Heavy modules load when a command runs."""

from costeff.cli import dsa, everyday, soem, voi, workshop
from costeff.cli.base import main

__all__ = ["dsa", "everyday", "main", "soem", "voi", "workshop"]
from costeff.cli import everyday, gsa, soem, voi, workshop
from costeff.cli.base import main

__all__ = ["everyday", "gsa", "main", "soem", "voi", "workshop"]
from costeff.cli import everyday, invest, soem, voi, workshop
from costeff.cli.base import main

__all__ = ["everyday", "invest", "main", "soem", "voi", "workshop"]
