"""Settings that every test shares: hypothesis without a clock, as its first example compiles a kernel."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("costeff", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("costeff")
