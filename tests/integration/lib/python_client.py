"""Scripts that use Prefect's own Python client."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import bed

_READ = "import json, sys\ngiven = json.load(sys.stdin)\n"
_WRITE = "\nprint('RESULT', json.dumps(result, default=str))\n"


def run_script(prefect: bed.Prefect, script: str, given: Any = None) -> Any:
    """Return C(result) of a script that finds its input in C(given)."""
    environment = {name: value for name, value in prefect.environment.items() if "SERVER" not in name}
    environment |= {"PREFECT_API_URL": prefect.api, "PREFECT_API_AUTH_STRING": bed.AUTH}
    python = str(Path(prefect.binary).with_name("python"))
    done = subprocess.run(
        [python, "-c", _READ + script + _WRITE],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert done.returncode == 0, done.stderr
    return json.loads(lines[-1].removeprefix("RESULT "))
