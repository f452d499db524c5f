"""Asks every fleet of every job of a cluster for its report."""

from __future__ import annotations

import concurrent.futures
import dataclasses
from typing import Any

from protoplast import _core
from protoplast.cluster_client import actors
from protoplast.runner import calls as runner_calls
from protoplast.runner.fleet_report import REPORT_TIMEOUT_S, fleet_report
from protoplast.worker.report import WorkerReport
from protoplast.worker.versions import could_not_import

# How many fleets are asked at the same time.
_AT_ONCE = 64

# The fields of a worker's report that the command does not show.
_LEFT_OUT = ("environment",)


def fleets(ray: Any) -> dict[str, Any]:
    """Return the fleets of a cluster, in the shape that the command's Rust code reads.

    Args:
        ray: The `ray` module, connected to a cluster.
    """
    nodes = ray.nodes()
    addresses = {node["NodeID"]: node["NodeManagerAddress"] for node in nodes}
    drivers = actors.driver_pids()
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = pool.map(lambda found: _fleet(ray, found), actors.runners(ray))
        found = [{**fleet, "driver_pid": drivers.get(fleet["job"])} for fleet in asked]
    for fleet in found:
        for worker in fleet["workers"]:
            worker["address"] = addresses.get(worker["node_id"])
    return {
        "address": ray.get_runtime_context().gcs_address,
        "nodes": sum(node["Alive"] for node in nodes),
        "fleets": found,
    }


def _fleet(ray: Any, found: actors.Runner) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": found.name,
        "job": found.job,
        "layout": found.layout,
        "state": "stock",
        "reason": "",
        "workers": list(found.workers),
    }
    if found.layout is None:
        return facts
    try:
        actor = actors.handle(ray, found.name)  # Ray 2.47 needs a reference to the handle.
        report = ray.get(actor.__ray_call__.remote(runner_calls.report), timeout=REPORT_TIMEOUT_S)
        status = fleet_report(ray, found.name, report)
    # One of Ray's many errors, or an AttributeError because another version reports other fields.
    except Exception as error:
        return {**facts, "state": "silent", "reason": _why_silent(error)}
    workers = [_worker(worker) for worker in status.workers]
    return {**facts, "layout": str(status.layout), "state": "alive", "workers": workers}


def _why_silent(error: Exception) -> str:
    if could_not_import(error):
        return f"its job has another version of protoplast than {_core.__version__}"
    last = str(error).strip().rpartition("\n")[2].strip()
    return f"{type(error).__name__}: {last}"


def _worker(worker: WorkerReport) -> dict[str, Any]:
    facts = dataclasses.asdict(worker)
    for name in _LEFT_OUT:
        del facts[name]
    return facts
