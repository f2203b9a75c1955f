"""One cluster for all tests of a run, and a namespace of its own for each."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "lib"))
sys.path.insert(0, str(Path(__file__).parent / "lib"))

from cluster_bed import BED, GIVEN, NAME, ROOT, Cluster, run


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    kubeconfig = tmp_path_factory.mktemp("cluster") / "kubeconfig"
    run(ROOT / "tests/bed/engine", "start")
    run(ROOT / "tests/images/build", "redis")
    try:
        if not GIVEN:
            run(BED, "up", NAME, "redis:7")
        kubeconfig.write_text(run(BED, "kubeconfig", NAME))
        yield Cluster(NAME, kubeconfig, run(BED, "build") + "/kubectl")
    finally:
        if not GIVEN:
            run(BED, "down", NAME)


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"prefect-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")
