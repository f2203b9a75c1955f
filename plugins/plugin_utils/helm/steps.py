# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have to do to go from the releases to the document, in the order that keeps their data."""

from __future__ import annotations

from pathlib import Path

from .document import Adopted
from .releases import SERVER, Release

_DEPLOY = "ansible-playbook flowops.prefect.deploy_prefect -i"


def steps(adopted: Adopted, dest: str, *, has_vault: bool = False) -> list[str]:
    """Return the steps; `has_vault` tells that the known secrets were written into a vault beside the document."""
    namespace = adopted.namespace
    workers = [_name(release) for release in adopted.releases if release.chart != SERVER]
    servers = [_name(release) for release in adopted.releases if release.chart == SERVER]
    deploy = f"{_DEPLOY} {_inventory(dest)}"
    found = [
        f"Read {dest}, and what its comments say has no counterpart.",
        "The inventory needs the hosts of inventories/kubernetes/hosts.yml, where one name stands for the cluster.",
    ]
    missing = [row.name for row in adopted.variables if not has_vault or row.value is None]
    if missing:
        found.append(f"Put these variables into a vault: {', '.join(missing)}.")
    found.append(f"Look at what would be deployed: {deploy} -e prefect_render_dir=manifests.")
    found += [f"End what starts flow runs: helm -n {namespace} uninstall {name}." for name in workers]
    for server in servers:
        found += _data(adopted, server, namespace)
        found.append(f"Take the server away, whose names are needed: helm -n {namespace} uninstall {server}.")
    found.append(f"Deploy: {deploy}.")
    if adopted.data == "postgresql":
        found += _restored(adopted, namespace, deploy)
    if servers and adopted.data:
        found.append("Only when everything is there, delete the old volume and its claim.")
    return found


def _data(adopted: Adopted, server: str, namespace: str) -> list[str]:
    if adopted.data == "sqlite":
        claim = f"{_deployment(adopted)}-sqlite"
        return [
            "Export the objects that live inside, which the new server gets by the document: "
            "ansible-playbook flowops.prefect.export_prefect with prefect.api_url of the old server. "
            "The history of flow runs stays behind.",
            f"Keep the old file: helm uninstall deletes the claim {claim}, and an annotation helm.sh/resource-policy "
            "that kubectl sets does not hinder it, as Helm reads those of the release alone. So retain the volume: "
            'kubectl patch pv VOLUME -p \'{"spec": {"persistentVolumeReclaimPolicy": "Retain"}}\'.',
        ]
    if adopted.data == "postgresql":
        pod, deployment = f"{server}-postgresql-0", _deployment(adopted)
        user, name = _of_database(adopted, "server")
        return [
            f"Stop the server: kubectl -n {namespace} scale deployment {deployment} --replicas=0 (and "
            f"{deployment}-background-services, if there is one).",
            f"Save the database while its pod {pod} runs: kubectl -n {namespace} exec {pod} -- sh -c "
            f"'PGPASSWORD=\"$POSTGRES_PASSWORD\" pg_dump -Fc -U {user} {name}' > prefect.dump. A release without "
            "postgresql.primary.persistence has the data nowhere else.",
            f"The claim data-{pod} outlives helm uninstall. To go on with the old database instead, keep the release "
            "with server.replicaCount: 0, deploy into another namespace, and set postgres.host to "
            f"{server}-postgresql.{namespace}.svc.cluster.local with its user, name and password.",
        ]
    return ["The database is another one's: nothing of it moves, and it is migrated by the deployment. Back it up."]


def _restored(adopted: Adopted, namespace: str, deploy: str) -> list[str]:
    user, name = _of_database(adopted, "prefect")
    inside = f"kubectl -n {namespace} exec -i prefect-postgres-0 --"
    return [
        f"Stop the new server: kubectl -n {namespace} scale deployment prefect-server --replicas=0 (and "
        "prefect-background-services, if there is one).",
        f"Bring the data back into an empty database: {inside} sh -c 'dropdb -U {user} --force {name} && createdb -U "
        f"{user} {name}', then {inside} pg_restore -U {user} -d {name} --no-owner < prefect.dump.",
        f"Deploy again, which migrates it: {deploy}.",
    ]


def _of_database(adopted: Adopted, name: str) -> tuple[str, str]:
    """Return user and name of the database; `name` is what it is called if nobody says otherwise."""
    postgres = adopted.document["postgres"]
    return str(postgres.get("user", "prefect")), str(postgres.get("name", name))


def _deployment(adopted: Adopted) -> str:
    names = [release.values.get("fullnameOverride") for release in adopted.releases if release.chart == SERVER]
    return str(next(iter(names), None) or SERVER)


def _inventory(dest: str) -> str:
    """Return the inventory that the document is in, which is above its group_vars."""
    above = [folder.parent for folder in Path(dest).parents if folder.name in ("group_vars", "host_vars")]
    return str(above[0]) if above else "INVENTORY"


def _name(release: Release) -> str:
    return release.name or ("SERVER" if release.chart == SERVER else "WORKER")
