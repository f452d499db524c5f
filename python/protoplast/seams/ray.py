"""Every name of Ray that protoplast relies on.

The names in `REQUIRED` are checked before the patch changes anything. The names of the optional features
only improve something: if one is missing, protoplast warns once and leaves out that feature.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from typing import Any

from protoplast import _core
from protoplast.seams.check import OptionalFeature

logger = logging.getLogger(__name__)

# The class whose instance `ray.get_runtime_context()` returns.
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
    "ray.cloudpickle:dumps",
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
    # A retired runner asks these for the objects that it still owns.
    "ray._private.worker:global_worker",
    "ray._raylet:CoreWorker.get_all_reference_counts",
)

# The names that only the command needs, which joins a cluster to inspect it.
COMMAND = (
    "ray:get_actor",
    "ray:init",
    "ray:shutdown",
    "ray.util:list_named_actors",
    f"{_CONTEXT}.gcs_address",
)

AUTOSCALER = OptionalFeature(
    "protoplast assumes that an autoscaler may add nodes",
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

LOCATIONS = OptionalFeature(
    "a query that runs on one worker is not sent to the node that holds its input",
    seams=("ray.experimental:get_object_locations",),
)

LISTS = OptionalFeature(
    "the workers of other jobs and their drivers are not listed",
    seams=("ray._private.state:actors", "ray._private.state:jobs"),
)


def pickled(value: Any) -> bytes:
    """Return an object in the form in which Ray sends it."""
    return bytes(importlib.import_module("ray.cloudpickle").dumps(value))


def cluster_can_grow() -> bool:
    """Return whether an autoscaler may add nodes to the cluster, or True if that is not known."""
    if not AUTOSCALER.is_available():
        return True
    try:
        store = importlib.import_module("ray.experimental.internal_kv")
        if not store._internal_kv_initialized():  # A Ray Client has no access to it.
            return True
        # The v2 autoscaler does not write its status into the store.
        if importlib.import_module("ray.autoscaler.v2.utils").is_autoscaler_v2():
            return True
        return _core.can_grow(store._internal_kv_get("__autoscaling_status"))
    except Exception as error:
        logger.debug("the status of Ray's autoscaler cannot be read: %s", error)
        return True


def driver_shows_logs() -> bool:
    """Return whether this driver shows the output of its workers."""
    if not DRIVER_LOGS.is_available():
        return False
    worker = importlib.import_module("ray._private.worker").global_worker
    prints = getattr(worker, "logger_thread", None)  # Set by `ray.init(log_to_driver=True)`.
    if prints is not None and prints.is_alive():
        return True
    # A Ray Client shows the output of its workers by default.
    return bool(importlib.import_module("ray.util.client").ray.is_connected())


def owned_objects() -> int:
    """Return how many objects this process owns or has borrowed that something still refers to."""
    worker = importlib.import_module("ray._private.worker").global_worker
    return len(worker.core_worker.get_all_reference_counts())


def bytes_by_node(references: Sequence[Any]) -> dict[str, int]:
    """Return the bytes of these objects that each node holds, by the id of the node.

    Args:
        references: The references of the objects. Ray may not know yet where an object is.
    """
    held: dict[str, int] = {}
    if not references or not LOCATIONS.is_available():
        return held
    try:
        found = importlib.import_module("ray.experimental").get_object_locations(references)
    except Exception as error:
        logger.debug("Ray does not say where objects are: %s", error)
        return held
    for location in found.values():
        for node_id in location.get("node_ids", ()):
            held[node_id] = held.get(node_id, 0) + (location.get("object_size") or 0)
    return held


def actors() -> list[dict[str, Any]]:
    """Return all actors of the cluster, as Ray lists them. A Ray Client cannot list any."""
    return list(_listed("actors", {}).values())


def jobs() -> list[dict[str, Any]]:
    """Return all jobs of the cluster, as Ray lists them. A Ray Client cannot list any."""
    return list(_listed("jobs", []))


def _listed(what: str, none: Any) -> Any:
    if not LISTS.is_available():
        return none
    try:
        # This list does not need the dashboard, which may not run.
        return getattr(importlib.import_module("ray._private.state"), what)()
    except Exception as error:
        logger.debug("Ray cannot list its %s: %s", what, error)
        return none


def knows_tokens() -> bool:
    """Return whether this Ray supports clusters that ask for a token, as Ray does since 2.51."""
    return hasattr(importlib.import_module("ray.exceptions"), "AuthenticationError")


def has_token() -> bool | None:
    """Return whether Ray finds a token for clusters that ask for one, or None if Ray does not say.

    This does not read the token itself.
    """
    loader = getattr(importlib.import_module("ray._raylet"), "AuthenticationTokenLoader", None)
    return None if loader is None else bool(loader.instance().has_token(ignore_auth_mode=True))
