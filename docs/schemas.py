"""Writes the JSON Schemas that are shipped: python docs/schemas.py (a test holds them to the readers' key lists)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from costeff.study.schemas import KINDS, schema_text  # noqa: E402  # of this checkout

for kind in KINDS:
    path = ROOT / "schemas" / f"{kind}.schema.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(schema_text(kind), encoding="utf-8")
    print(path.relative_to(ROOT))
