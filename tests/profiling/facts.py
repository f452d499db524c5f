"""What holds of every record of a query."""

from __future__ import annotations

import json
from typing import Any


def record_of(profile: Any) -> dict[str, Any]:
    """The record of a profile, after it was seen that its facts hold."""
    record: dict[str, Any] = json.loads(profile.to_json())["record"]
    check(record)
    return record


def check(record: dict[str, Any]) -> None:
    """See that times are ordered and within the query's, and that workers and nodes exist."""
    wall = record["wall_us"]
    assert wall > 0
    assert 0 <= record["planned_us"] <= wall
    workers, nodes = record["workers"], {node["name"] for node in record["nodes"]}
    assert {worker["node"] for worker in workers} == nodes
    for task in record["tasks"]:
        assert 0 <= task["worker"] < len(workers)
        times = [task["sent_us"], task["begun_us"], task["ended_us"], task["returned_us"], wall]
        known = [time for time in times if time is not None]
        assert known == sorted(known), times
        assert workers[task["worker"]]["up_us"] is not None
    if record["delivered_us"] is not None:
        assert all(task["returned_us"] <= record["delivered_us"] for task in record["tasks"])
    for node in record["nodes"]:
        assert node["cpus"] > 0


def good(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks that did not fail; the worker has said of each when it began and what it took."""
    found = [task for task in record["tasks"] if not task["failed"]]
    for task in found:
        assert task["begun_us"] is not None, task
        assert task["cpu_us"] >= 0
    return found


def with_functions(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for task in record["tasks"] if task["functions"]]
