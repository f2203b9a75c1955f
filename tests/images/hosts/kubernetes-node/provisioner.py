#!/usr/bin/env python3
"""Stand-in for a storage provider: make a folder of this node a volume for every claim that asks for one.

Usage: provisioner.py FOLDER

A volume has no size of its own: one that is asked to grow has grown. It belongs to root, unless a pod says fsGroup.
"""

import shutil
import socket
import sys
import time
import urllib.error
from pathlib import Path
from typing import Any

import api

PROVISIONER = "flowops.test/local"
FOLDER = Path(sys.argv[1])
MARK = "pv.kubernetes.io/provisioned-by"


def create(claim: dict[str, Any], storage_class: dict[str, Any]) -> None:
    metadata, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{metadata['uid']}"
    path = FOLDER / name
    path.mkdir(parents=True, exist_ok=True)
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {MARK: PROVISIONER}},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": spec["resources"]["requests"],
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                **{key: metadata[key] for key in ("name", "namespace", "uid")},
            },
            "local": {"path": str(path)},
            "nodeAffinity": {
                "required": {
                    "nodeSelectorTerms": [
                        {
                            "matchExpressions": [
                                {"key": "kubernetes.io/hostname", "operator": "In", "values": [socket.gethostname()]}
                            ]
                        }
                    ]
                }
            },
            "persistentVolumeReclaimPolicy": storage_class["reclaimPolicy"],
            "storageClassName": spec["storageClassName"],
        },
    }
    api.call("/api/v1/persistentvolumes", "POST", volume)


def grow(claim: dict[str, Any]) -> None:
    wanted = claim["spec"]["resources"]["requests"]
    metadata = claim["metadata"]
    api.call(f"/api/v1/persistentvolumes/{claim['spec']['volumeName']}", "PATCH", {"spec": {"capacity": wanted}})
    path = f"/api/v1/namespaces/{metadata['namespace']}/persistentvolumeclaims/{metadata['name']}/status"
    api.call(path, "PATCH", {"status": {"capacity": wanted, "conditions": None}})


def remove(volume: dict[str, Any]) -> None:
    name = volume["metadata"]["name"]
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    api.call(f"/api/v1/persistentvolumes/{name}", "DELETE")


def reconcile() -> None:
    classes = {
        each["metadata"]["name"]: each
        for each in api.call("/apis/storage.k8s.io/v1/storageclasses")["items"]
        if each["provisioner"] == PROVISIONER
    }
    for claim in api.call("/api/v1/persistentvolumeclaims")["items"]:
        spec, status = claim["spec"], claim["status"]
        storage_class = classes.get(spec.get("storageClassName", ""))
        if not storage_class or claim["metadata"].get("deletionTimestamp"):
            continue
        if status["phase"] == "Pending" and not spec.get("volumeName"):
            create(claim, storage_class)
        elif status["phase"] == "Bound" and status["capacity"] != spec["resources"]["requests"]:
            grow(claim)
    for volume in api.call("/api/v1/persistentvolumes")["items"]:
        policy = volume["spec"]["persistentVolumeReclaimPolicy"]
        mine = (volume["metadata"].get("annotations") or {}).get(MARK) == PROVISIONER
        if mine and volume["status"].get("phase") == "Released" and policy == "Delete":
            remove(volume)


while True:
    try:
        reconcile()
    except (urllib.error.URLError, TimeoutError) as error:
        # The API server may be away; a volume may be there already, or changing.
        print(error, flush=True)
    time.sleep(0.5)
