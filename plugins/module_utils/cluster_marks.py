# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By what the objects of an installation are known in a cluster."""

from __future__ import annotations

MANAGER = "flowops.prefect"
PART_OF = "prefect"

# Labels.
NAME = "app.kubernetes.io/name"
VERSION = "app.kubernetes.io/version"
PART = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"
SERVICE = "flowops.prefect/service"
# Of what is made in another namespace: the one of the installation that it belongs to.
HOME = "flowops.prefect/namespace"

# What a pod was started from, as an annotation of its template.
CONFIGURATION = "flowops.prefect/configuration"

# The variable that tells a worker, and whoever looks for what it left, where its Jobs are.
OBSERVED = "PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES"

# The key, in a Secret of ours, of the random value that its digest is made with.
SALT = "flowops.prefect.salt"

# The service of what belongs to none.
FOUNDATION = "prefect-foundation"
