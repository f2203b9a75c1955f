# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: workers
short_description: Workers of Prefect as hosts, work pools as groups
description:
  - Every work pool is a group C(prefect_pool_NAME), every worker a host of the groups of its pools, with what Prefect
    knows of it as variables.
  - The name of the host is that of the worker. Workers of several pools that have one name are one host.
  - The file is named C(prefect_workers.yml), C(prefect_workers.yaml), or ends in C(.prefect_workers.yml) or
    C(.prefect_workers.yaml).
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
options:
  plugin:
    description: Says that the file is one of this plugin.
    type: str
    required: true
    choices: [flowops.prefect.workers]
  pools:
    description: Names of the work pools to take, all of them otherwise. One that does not exist is an error.
    type: list
    elements: str
  include_offline:
    description: Whether workers that have given no sign for long are hosts, too. Prefect never forgets them by itself.
    type: bool
    default: false
extends_documentation_fragment:
  - flowops.prefect.connection
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
notes:
  - The managed host of the connection options is the controller here. Their texts may be templates, such as lookups.
  - Variables of a host are C(worker_name), C(worker_status) (C(ONLINE) if one of its workers is),
    C(worker_last_heartbeat) (the latest one), and two lists, C(worker_pools) and C(worker_types).
  - How the host is reached is up to you, see O(compose).
seealso:
  - module: flowops.prefect.server_info
"""

EXAMPLES = r"""
# prefect_workers.yml
plugin: flowops.prefect.workers
api_url: https://prefect.example.org/api
auth_string: "{{ lookup('ansible.builtin.env', 'PREFECT_API_AUTH_STRING') }}"
pools: [etl, gpu]
compose:
  ansible_host: worker_name ~ '.example.org'
keyed_groups:
  - {key: worker_types, prefix: type}
  - {key: worker_status | lower, prefix: worker}
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible-inventory
cache_timeout: 60
"""

from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client
from ansible_collections.flowops.prefect.plugins.module_utils.connection import CONNECTION, connect
from ansible_collections.flowops.prefect.plugins.module_utils.errors import PrefectError
from ansible_collections.flowops.prefect.plugins.plugin_utils.api import check_names
from ansible_collections.flowops.prefect.plugins.plugin_utils.live_workers import hosts_of, pools_with_workers

_ENDINGS = ("prefect_workers.yml", "prefect_workers.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    NAME = "flowops.prefect.workers"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(_ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        try:
            check_names(self, self._read_config_data(path))
            self._add(self._pools(path, cache))
        except PrefectError as error:
            raise AnsibleParserError(str(error)) from None

    def _pools(self, path: str, cache: bool) -> list[dict[str, Any]]:
        """Return the pools with their workers, of the cache where that is wanted."""
        self.load_cache_plugin()
        key, wanted = self.get_cache_key(path), self.get_option("cache")
        if cache and wanted and key in self._cache:
            found: list[dict[str, Any]] = self._cache[key]
            return found
        pools = pools_with_workers(self._client())
        if wanted:
            self._cache[key] = pools
        return pools

    def _client(self) -> Client:
        options = {name: self.get_option(name) for name in CONNECTION}
        return connect({name: self._templated(value) for name, value in options.items()}, check_mode=True)

    def _templated(self, value: Any) -> Any:
        return self.templar.template(value) if isinstance(value, (str, dict)) else value

    def _add(self, pools: list[dict[str, Any]]) -> None:
        groups, hosts = hosts_of(pools, self.get_option("pools"), self.get_option("include_offline"))
        for group in groups:
            self.inventory.add_group(group)
        strict = self.get_option("strict")
        for host, variables in sorted(hosts.items()):
            self.inventory.add_host(host)
            for group in variables.pop("groups"):
                self.inventory.add_child(group, host)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)
            self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)
