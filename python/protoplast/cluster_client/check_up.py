"""Gathers the facts for `protoplast doctor`, of this process and of every node of a cluster."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

from protoplast.errors import UnsupportedDaftError
from protoplast.seams import daft as daft_seams
from protoplast.seams import ray as ray_seams

# How long all nodes together may take to answer, in seconds. Each has to start a process first.
_ANSWER_TIMEOUT_S = 30.0


def here() -> dict[str, Any]:
    """Return what is installed for this process, and what its machine has."""
    unsupported = None
    try:
        daft_seams.load()
    except UnsupportedDaftError as error:
        unsupported = str(error)
    return {
        **_look()(),
        "newest_tested": daft_seams.NEWEST_DAFT,
        "unsupported": unsupported,
        "token": _token(),
    }


def nodes(ray: Any) -> list[dict[str, Any]]:
    """Ask all live nodes of a cluster at the same time, and return each with its answer.

    Args:
        ray: The `ray` module, connected to a cluster.
    """
    live = [node for node in ray.nodes() if node["Alive"]]
    asked = [_ask(ray, node["NodeID"]) for node in live]
    answered, _ = ray.wait(asked, num_returns=len(asked), timeout=_ANSWER_TIMEOUT_S)
    facts = []
    for node, reference in zip(live, asked, strict=True):
        if reference not in answered:
            ray.cancel(reference, force=True)
            reason = f"it did not answer within {_ANSWER_TIMEOUT_S:g} s"
            facts.append({"node": node, "answer": None, "reason": reason})
            continue
        try:
            answer = ray.get(reference)
        except ray.exceptions.RayError as error:
            reason = str(error).strip().rpartition("\n")[2].strip()
            facts.append({"node": node, "answer": None, "reason": reason})
            continue
        facts.append(
            {"node": {**node, **(answer.pop("facts") or {})}, "answer": answer, "reason": ""}
        )
    return facts


def _ask(ray: Any, node_id: str) -> Any:
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
    look = ray.remote(num_cpus=0, max_retries=0)(_look())
    return look.options(scheduling_strategy=strategy).remote()


def _look() -> Callable[[], dict[str, Any]]:
    def look() -> dict[str, Any]:
        """Ray sends this by value, as a function within a function, so it runs without protoplast."""
        import importlib.metadata
        import os
        import platform

        def version(package: str) -> str | None:
            try:
                return importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                return None

        def boot_id() -> str | None:
            try:
                with open("/proc/sys/kernel/random/boot_id") as file:
                    return file.read().strip() or None
            except OSError:
                return None

        def cgroup() -> str | None:
            # A container sees its own cgroup as the root.
            try:
                root = os.stat("/sys/fs/cgroup")
            except OSError:
                return None
            return f"{root.st_dev}:{root.st_ino}"

        def limits() -> dict[str, Any]:
            from protoplast import _core

            quota, memory, limit = _core.machine()
            return {"quota_cpus": quota, "memory_bytes": memory, "limit_bytes": limit}

        def facts() -> dict[str, Any]:
            from protoplast.worker import node_facts

            return node_facts.facts()

        def own_version() -> str:
            from protoplast import _core

            return _core.__version__

        def tried(read: Callable[[], Any]) -> tuple[Any, str | None]:
            try:
                return read(), None
            except Exception as error:  # protoplast is missing there, or a version that says less.
                return None, str(error).partition("\n")[0] or type(error).__name__

        protoplast, _ = tried(own_version)
        limits_there, limits_missing = tried(limits)
        facts_there, facts_missing = tried(facts)
        return {
            "installed": {
                "python": platform.python_version(),
                "protoplast": protoplast,
                "daft": version("daft"),
                "ray": version("ray"),
            },
            "machine": {
                "boot_id": boot_id(),
                "cgroup": cgroup(),
                "allowed": sorted(os.sched_getaffinity(0)),
                "limits": limits_there,
                "reason": limits_missing or "",
            },
            "facts": facts_there,
            "facts_missing": facts_missing,
        }

    return look


def _token() -> dict[str, Any]:
    is_known = importlib.util.find_spec("ray") is not None and ray_seams.knows_tokens()
    is_there = ray_seams.has_token() if is_known else None
    return {"mode": os.environ.get("RAY_AUTH_MODE"), "is_known": is_known, "is_there": is_there}
