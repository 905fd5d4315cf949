"""Draws the images of docs/gallery.md from the code on it: python docs/gallery.py

By hand, after a change of a figure: it needs the extra [image] and a browser. The code itself is run by
tests/run_docs.py on every change.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from run_docs import blocks  # noqa: E402  # found through the line above

from costeff.reporting.images import write_images  # noqa: E402

PAGE, IMAGES = ROOT / "docs/gallery.md", ROOT / "docs/images/gallery"
WIDTH, COLOURS = 900, 64


def main() -> None:
    names = re.findall(r"!\[[^]]*\]\(images/gallery/(\w+)\.png\)", PAGE.read_text(encoding="utf-8"))
    names_of_page: dict[str, Any] = {"__name__": "gallery"}
    figures = {}
    setup, *codes = (block.text for block in blocks(PAGE) if block.kind == "python")
    exec(compile(setup, str(PAGE), "exec"), names_of_page)
    for name, code in zip(names, codes, strict=True):
        exec(compile(code, str(PAGE), "exec"), names_of_page)
        figures[name] = names_of_page["figure"].to_plotly_json()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for file in write_images(figures, Path(folder), "png"):
            image = Image.open(io.BytesIO((Path(folder) / file).read_bytes())).convert("RGB")
            small = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
            small.quantize(COLOURS).save(IMAGES / file, optimize=True)
            print(file, (IMAGES / file).stat().st_size // 1024, "KiB")


if __name__ == "__main__":
    main()
