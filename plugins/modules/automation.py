#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: automation
short_description: Manage an automation
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes an automation of Prefect - what is to be done when something happens, or does not.
  - Automations are found by name. The server allows many of one name, this module does not.
  - Triggers and actions are compared by what they mean. Ids, defaults, the order of events and of labels and the like
    are no difference.
  - Any change but that of O(enabled) starts the trigger anew, as what it has seen so far belongs to the old one.
options:
  name:
    description: Name of the automation.
    type: str
    required: true
  description:
    description: What the automation is for.
    type: str
  enabled:
    description: Whether the automation is evaluated. A new one is, and C(null) is the same.
    type: bool
  tags:
    description: Tags of the automation, in any order. C([]) or C(null) removes them all.
    type: list
    elements: str
  trigger:
    description:
      - What makes the automation act. A new automation needs it.
      - Its C(type) is V(event), V(compound), V(sequence), or V(metric), which only Prefect Cloud has. Unless given, the
        other keys tell it.
      - An V(event) takes C(match), C(match_related), C(after), C(expect), C(for_each), C(posture) (V(Reactive), the
        default, or V(Proactive)), C(threshold) and C(within) in seconds.
      - A V(compound) takes C(triggers), C(require) (V(any), V(all) or a number) and C(within). A V(sequence) takes
        C(triggers), in order, and C(within).
      - A V(metric) takes C(match), C(match_related) and C(metric) with C(name), C(operator), C(threshold), C(range) and
        C(firing_for).
    type: dict
  actions:
    description:
      - What to do when the automation triggers, in this order. C([]) or C(null) is nothing.
      - Each has a C(type) - V(do-nothing), V(run-deployment), V(pause-deployment), V(resume-deployment),
        V(cancel-flow-run), V(suspend-flow-run), V(resume-flow-run), V(delete-flow-run), V(change-flow-run-state),
        V(pause-work-pool), V(resume-work-pool), V(pause-work-queue), V(resume-work-queue), V(pause-automation),
        V(resume-automation), V(send-notification) or V(call-webhook) - and the fields that Prefect has for it.
      - What an action is about is named, where Prefect's API takes an id - C(deployment) as V(FLOW/DEPLOYMENT),
        C(work_pool), C(work_queue) as V(POOL/QUEUE), C(automation), C(block) as V(TYPE/BLOCK). C(deployment_id) and its
        like are possible, too, and so is C(source=inferred), which takes it from the event.
      - Templates of the server, such as those in C(body), have to be kept from Ansible by C({% raw %}) or the tag
        C(!unsafe).
    type: list
    elements: dict
  actions_on_trigger:
    description: Actions to perform when the automation goes into state triggered, as in O(actions).
    type: list
    elements: dict
  actions_on_resolve:
    description: Actions to perform when the automation goes into state resolved, as in O(actions).
    type: list
    elements: dict
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.automation_info
"""

EXAMPLES = r"""
- name: Have a pool and a deployment that clears up
  flowops.prefect.resources:
    resources:
      work_pools:
        - name: example-automated
      deployments:
        - flow_name: example-cleanup
          name: now
          work_pool_name: example-automated
          entrypoint: flows.py:hello
          path: /opt/flows

- name: Clear up after each flow run that has failed
  flowops.prefect.automation:
    name: example cleanup
    trigger:
      match:
        prefect.resource.id: prefect.flow-run.*
      expect:
        - prefect.flow-run.Failed
        - prefect.flow-run.Crashed
    actions:
      - type: run-deployment
        deployment: example-cleanup/now
        parameters:
          name: '{% raw %}{{ flow_run.name }}{% endraw %}'

- name: Pause the pool when there were five within a minute, and no success
  flowops.prefect.automation:
    name: example brake
    trigger:
      type: compound
      require: all
      within: 60
      triggers:
        - expect: [prefect.flow-run.Failed]
          threshold: 5
          within: 60
        - posture: Proactive
          expect: [prefect.flow-run.Completed]
          within: 60
    actions:
      - type: pause-work-pool
        work_pool: example-automated

- name: Let it rest
  flowops.prefect.automation:
    name: example brake
    enabled: false

- name: Remove all of it
  flowops.prefect.resources:
    resources:
      automations:
        - name: example cleanup
          state: absent
        - name: example brake
          state: absent
      flows:
        - name: example-cleanup
          state: absent
          force: true
      work_pools:
        - name: example-automated
          state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
automation:
  description: The automation as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the automation, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the automation.
      type: str
    description:
      description: What the automation is for.
      type: str
    enabled:
      description: Whether the automation is evaluated.
      type: bool
    tags:
      description: Tags of the automation.
      type: list
      elements: str
    trigger:
      description: What makes the automation act, without ids and defaults.
      type: dict
    actions:
      description: What it does when it triggers, without defaults, and with names in the place of ids.
      type: list
      elements: dict
    actions_on_trigger:
      description: What it does when it goes into state triggered.
      type: list
      elements: dict
    actions_on_resolve:
      description: What it does when it goes into state resolved.
      type: list
      elements: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.automation import Automation
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(Automation)


if __name__ == "__main__":
    main()
