"""A worksheet whose formulas are written as they are."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet


class Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter tells no types
    """A worksheet that does not search each of its thousands of formulas for thirty newer functions.

    Files name such functions with a prefix (`_xlfn.`); no workbook of ours uses one, and a test looks.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """What follows the sign `=`."""
        return formula.removeprefix("=")
