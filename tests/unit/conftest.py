"""What all unit tests share."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no defect: tests assert no times.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
