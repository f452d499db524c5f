"""Every name of Ray's that protoplast relies on, beside those that every user of Ray's knows.

Those of `REQUIRED` are checked before anything is touched. The others only improve something: if one is
missing, what needs it is left out, with one warning.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

from protoplast import _core
from protoplast.seams.check import OptionalFeature

logger = logging.getLogger(__name__)

# The methods of an actor's class and of a process's context are found by instances alone.
_CONTEXT = "ray.runtime_context:RuntimeContext"

REQUIRED = (
    "ray:cancel",
    "ray:get",
    "ray:get_runtime_context",
    "ray:is_initialized",
    "ray:kill",
    "ray:nodes",
    "ray:remote",
    "ray:wait",
    "ray.exceptions:ActorDiedError",
    "ray.exceptions:ActorUnavailableError",
    "ray.exceptions:GetTimeoutError",
    "ray.exceptions:ObjectFetchTimedOutError",
    "ray.exceptions:ObjectLostError",
    "ray.exceptions:RayError",
    "ray.exceptions:RayTaskError",
    "ray.util.scheduling_strategies:NodeAffinitySchedulingStrategy",
    f"{_CONTEXT}.current_actor",
    f"{_CONTEXT}.get_actor_name",
    f"{_CONTEXT}.get_job_id",
    f"{_CONTEXT}.get_node_id",
    f"{_CONTEXT}.runtime_env",
    # What a retired runner asks for the objects that it still owns.
    "ray._private.worker:global_worker",
    "ray._raylet:CoreWorker.get_all_reference_counts",
)

# What the command needs beside them, which joins a cluster to look at it.
COMMAND = (
    "ray:get_actor",
    "ray:init",
    "ray:shutdown",
    "ray.util:list_named_actors",
    f"{_CONTEXT}.gcs_address",
)

AUTOSCALER = OptionalFeature(
    "it is taken that an autoscaler may add nodes",
    seams=(
        "ray.experimental.internal_kv:_internal_kv_initialized",
        "ray.experimental.internal_kv:_internal_kv_get",
        "ray.autoscaler.v2.utils:is_autoscaler_v2",
    ),
)

DRIVER_LOGS = OptionalFeature(
    "no bar shows how workers start",
    seams=("ray._private.worker:global_worker", "ray.util.client:ray"),
)

LISTS = OptionalFeature(
    "the workers of other jobs and their drivers are not listed",
    seams=("ray._private.state:actors", "ray._private.state:jobs"),
)


def cluster_can_grow() -> bool:
    """Return whether an autoscaler may add nodes to the cluster; True if that cannot be told."""
    if not AUTOSCALER.is_available():
        return True
    try:
        store = importlib.import_module("ray.experimental.internal_kv")
        if not store._internal_kv_initialized():  # Under a Ray Client.
            return True
        # The second autoscaler writes no status that could be read here.
        if importlib.import_module("ray.autoscaler.v2.utils").is_autoscaler_v2():
            return True
        return _core.can_grow(store._internal_kv_get("__autoscaling_status"))
    except Exception as error:
        logger.debug("Ray's autoscaler cannot be asked for: %s", error)
        return True


def driver_shows_logs() -> bool:
    """Return whether this driver shows what its workers print."""
    if not DRIVER_LOGS.is_available():
        return False
    worker = importlib.import_module("ray._private.worker").global_worker
    prints = getattr(worker, "logger_thread", None)  # Since `ray.init(log_to_driver=True)`.
    if prints is not None and prints.is_alive():
        return True
    # A Ray Client is shown what the workers print by default.
    return bool(importlib.import_module("ray.util.client").ray.is_connected())


def owned_objects() -> int:
    """Count the objects that this process owns or has borrowed and that something still refers to."""
    worker = importlib.import_module("ray._private.worker").global_worker
    return len(worker.core_worker.get_all_reference_counts())


def actors() -> list[dict[str, Any]]:
    """Return all actors of the cluster, as Ray lists them; none under a Ray Client, which lists none."""
    return list(_listed("actors", {}).values())


def jobs() -> list[dict[str, Any]]:
    """Return all jobs of the cluster, as Ray lists them; none under a Ray Client, which has no list."""
    return list(_listed("jobs", []))


def _listed(what: str, none: Any) -> Any:
    if not LISTS.is_available():
        return none
    try:
        # Without the dashboard, which may not be there.
        return getattr(importlib.import_module("ray._private.state"), what)()
    except Exception as error:
        logger.debug("Ray does not list its %s: %s", what, error)
        return none


def knows_tokens() -> bool:
    """Return whether this Ray knows clusters that ask for a token, as it does from 2.51 on."""
    return hasattr(importlib.import_module("ray.exceptions"), "AuthenticationError")


def has_token() -> bool | None:
    """Return whether there is a token for clusters that ask for one; None if this Ray does not say.

    The token itself is not read.
    """
    loader = getattr(importlib.import_module("ray._raylet"), "AuthenticationTokenLoader", None)
    return None if loader is None else bool(loader.instance().has_token(ignore_auth_mode=True))
