# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the resolver knows beside the document: the inventory, and the versions that this collection supports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

DATABASE_GROUP = "prefect_database"
SERVER_GROUP = "prefect_servers"
WORKER_GROUP = "prefect_workers"
STORAGE_GROUP = "prefect_storage"
PROXY_GROUP = "prefect_proxy"
DASK_GROUP = "prefect_dask"
GROUPS = (DATABASE_GROUP, SERVER_GROUP, WORKER_GROUP, STORAGE_GROUP, PROXY_GROUP, DASK_GROUP)


@dataclass(frozen=True)
class Context:
    """The host to resolve for, the hosts of each group in inventory order, and where hosts reach each other."""

    inventory_hostname: str
    groups: Mapping[str, Sequence[str]]
    addresses: Mapping[str, str]
    supported_versions: Sequence[str]
    # What is on the controller.
    has_folder: Callable[[str], bool] = lambda _path: False
    read_file: Callable[[str], str | None] = lambda _path: None
    # What a qhub-config.yaml says of the project as a whole.
    project: Mapping[str, str | None] = field(default_factory=dict)
    # Where manifests are written instead of being applied.
    render_dir: str | None = None

    def hosts(self, group: str) -> list[str]:
        """Return the hosts of a group."""
        return list(self.groups.get(group, ()))

    def is_in(self, group: str) -> bool:
        """Tell whether this host is in a group."""
        return self.inventory_hostname in self.hosts(group)

    def is_first_in(self, group: str) -> bool:
        """Tell whether this host is the first one of a group."""
        return self.hosts(group)[:1] == [self.inventory_hostname]

    def elsewhere(self, group: str, others: Iterable[str]) -> list[str]:
        """Return the hosts among others that are not the first one of a group."""
        return [host for host in dict.fromkeys(others) if host not in self.hosts(group)[:1]]

    def address(self, host: str) -> str:
        """Return the address at which other hosts reach a host."""
        return self.addresses.get(host) or host
