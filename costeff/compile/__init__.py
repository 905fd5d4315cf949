"""From a declared model and drawn parameters to Tensors. Imports model and below; opens no files and prices nothing.

`lines` resolves flows, `Layout` says which time must be counted, `compile_model` builds the Tensors.
"""

from costeff.compile.compiler import Compiled, compile_model
from costeff.compile.layout import Layout, layout
from costeff.compile.lines import Line, lines

__all__ = ["Compiled", "Layout", "Line", "compile_model", "layout", "lines"]
