"""Templates of pages, each compiled once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


@cache
def template(name: str, package: str = "costeff.reporting") -> jinja2.Template:
    """The template of a page, in the folder `templates` of a package. What it is not given, it refuses to write."""
    return _environment(package).get_template(name)


@cache
def _environment(package: str) -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
