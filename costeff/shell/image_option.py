"""The option that has a command draw its figures as still images too, and the refusal of it without a folder."""

from __future__ import annotations

import click

KINDS = ("png", "svg", "pdf")

image_option = click.option(
    "--image", type=click.Choice(KINDS), help="With the folder for figures: each as a still image too."
)


def check_image(image: str | None, folder: str | None, option: str) -> None:
    """Refuse images without a folder to write them to; ResultError."""
    from costeff.errors import ResultError

    if image and not folder:
        rule = f"images are written beside the pages of {option}"
        raise ResultError("--image without a folder", value=image, rule=rule, way_out=f"add {option} FOLDER")
