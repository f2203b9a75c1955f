"""What all unit tests share."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no defect: tests assert no times.
settings.register_profile("house", deadline=None)
# Where only Ansible differs, fewer examples do.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("house")
