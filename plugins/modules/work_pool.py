#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: work_pool
short_description: Manage a work pool
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a work pool of Prefect.
  - A new pool always gets a complete base job template. A pool without one would take over the template of whatever
    worker starts first.
options:
  name:
    description: Name of the pool. Names that begin with C(prefect) are Prefect's own.
    type: str
    required: true
  type:
    description:
      - Type of the workers that serve the pool, V(process) for a new pool unless given.
      - It cannot change later. To get another type remove the pool first, which leaves its deployments without a pool.
      - A type that the server does not know needs O(base_job_template).
    type: str
  description:
    description: What the pool is for.
    type: str
  base_job_template:
    description:
      - Complete template of the infrastructure of a flow run, with C(job_configuration) and C(variables). It is
        compared and replaced as a whole.
      - Unless given, a new pool gets the default template of its type - for V(process) one that comes with this
        collection, for other types the one that the server offers - and an existing pool keeps its own.
      - An existing pool whose template is empty gets the default one, too.
    type: dict
  job_variables:
    description:
      - Defaults of variables of the pool's template, such as C(env).
      - A variable that is not named here keeps its default, C(null) takes the default away.
      - Values in fields that are named like a secret, such as C(API_TOKEN), are not shown. Anybody who may read the
        pool can read them.
    type: dict
  is_paused:
    description: Whether the pool hands out no flow runs. A new pool does.
    type: bool
  concurrency_limit:
    description: How many flow runs of the pool run at the same time. C(null) takes the limit away, V(0) holds
      everything back.
    type: int
  storage_configuration:
    description:
      - Where the code and the results of flows of the pool are kept. It is replaced as a whole, C({}) clears it.
    type: dict
    version_added: 1.2.0
    suboptions:
      bundle_upload_step:
        description: Step that puts a bundle of code into a storage, as Prefect writes it in a pull step.
        type: dict
      bundle_execution_step:
        description: Step that runs such a bundle.
        type: dict
      default_result_storage:
        description: Block in which flows of the pool keep their results, by its type and its name.
        type: dict
        suboptions:
          block_type_slug:
            description: Type of the block.
            type: str
          name:
            description: Name of the block.
            type: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.work_pool_info
"""

EXAMPLES = r"""
- name: Serve flow runs as processes, with a common environment
  flowops.prefect.work_pool:
    name: example
    type: process
    description: Runs on the workers of the example
    job_variables:
      env:
        TZ: Europe/Vienna

- name: Run four at a time
  flowops.prefect.work_pool:
    name: example
    concurrency_limit: 4

- name: Take the limit away again
  flowops.prefect.work_pool:
    name: example
    concurrency_limit: null

- name: Have a pool for Docker, with the server's template and an image
  flowops.prefect.work_pool:
    name: example-docker
    type: docker
    job_variables:
      image: prefecthq/prefect:3.8.8-python3.12

- name: Remove the pools
  flowops.prefect.work_pool:
    name: "{{ item }}"
    state: absent
  loop:
    - example
    - example-docker
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
work_pool:
  description: The pool as it is, or in check mode as it would be. Secrets are masked.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the pool, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the pool.
      type: str
    type:
      description: Type of its workers.
      type: str
    description:
      description: What the pool is for.
      type: str
    base_job_template:
      description: The whole template.
      type: dict
    is_paused:
      description: Whether the pool hands out no flow runs.
      type: bool
    concurrency_limit:
      description: How many flow runs run at the same time, null without a limit.
      type: int
    storage_configuration:
      description: Where code and results are kept, without what is not set.
      type: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_pool import WorkPool
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(WorkPool)


if __name__ == "__main__":
    main()
