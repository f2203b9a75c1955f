"""What all unit tests share."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

# Where the runner of modules is.
sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "lib"))

# A busy machine is no defect: tests assert no times.
settings.register_profile("house", deadline=None)
# Where only Ansible differs, fewer examples do.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("house")
