"""Has Daft's classes in this worker build the instances of class UDFs once for each object."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from protoplast import _core
from protoplast.seams import class_udfs
from protoplast.worker.freeing import let_go
from protoplast.worker.instances import TAG, Instances, InstanceTag
from protoplast.worker.turns import SharedInstance

# Tells the runner what happened to an instance: `building`, `built` or `failed`, its key, and figures.
Tell = Callable[[str, str, dict[str, Any]], None]


class _Reports:
    """Reports what this worker builds to its runner."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def building(self, key: str) -> None:
        self._tell("building", key, {})

    def built(self, key: str, seconds: float, grown: int, peak: int) -> None:
        available, total = _core.available_memory()
        figures = {
            "seconds": seconds,
            "bytes": grown,
            "peak_bytes": peak,
            "available": available,
            "total": total,
        }
        self._tell("built", key, figures)

    def failed(self, key: str) -> None:
        self._tell("failed", key, {})


class Sharing:
    """The sharing of instances in this process, which `begin` begins and nothing ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.instances: Instances | None = None

    def begin(self, threads: int, tell: Tell) -> None:
        """Share the instances of class UDFs from now on. A second call changes nothing.

        Args:
            threads: How many threads of this worker call UDFs.
            tell: Tells the runner what happens.
        """
        with self._lock:
            if self.instances is not None:
                return
            self.instances = Instances(_Reports(tell), _let_go)
            _share_classes(self.instances)
            _share_legacy(self.instances, threads)


def _share_classes(instances: Instances) -> None:
    base = class_udfs.class_base()
    for name in class_udfs.BINDERS if base is not None else ():
        original = vars(base).get(name)
        if original is not None:
            setattr(base, name, _binder(instances, original))


def _binder(instances: Instances, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def bind(udf: Any, method: Any) -> Any:
        # Daft binds the method anew for each row, so this must be quick.
        fields = udf.__dict__
        if TAG in fields and fields[class_udfs.INSTANCE] is None:
            shared = instances.get(InstanceTag(*fields[TAG]), udf._daft_get_instance, udf)
            fields[class_udfs.INSTANCE] = shared
        return original(udf, method)

    return bind


def _share_legacy(instances: Instances, threads: int) -> None:
    legacy = class_udfs.legacy_class()
    if legacy is None:
        return
    original = legacy.initialize

    @functools.wraps(original)
    def initialize(udf: Any, init_args: Any) -> Any:
        tag = udf.__dict__.get(TAG)
        if tag is None:
            return original(udf, init_args)
        build = functools.partial(original, udf, init_args)
        return instances.get(InstanceTag(*tag), lambda: SharedInstance(build, threads))

    legacy.initialize = initialize


def _let_go(instance: Any, users: list[Any]) -> None:
    instances = instance.let_go() if isinstance(instance, SharedInstance) else [instance]
    for udf in users:
        udf.__dict__[class_udfs.INSTANCE] = None
    let_go(instances)


SHARING = Sharing()
