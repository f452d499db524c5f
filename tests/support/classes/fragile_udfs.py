"""Class UDFs that fail, keep state, or are not safe for threads. For the processes of tests."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.classes.class_udfs import BUILD_S
from tests.support.classes.instance_log import InstanceLog


def named_class() -> Any:
    """A class of `@daft.cls` whose method gives the name of its instance, which each has for itself."""
    import daft

    @daft.cls
    class Named:
        def __init__(self, path: str, factor: int) -> None:
            InstanceLog(path).watch(self)
            self.factor = factor
            self.name = uuid.uuid4().hex
            time.sleep(BUILD_S)

        @daft.method(return_dtype=daft.DataType.string())
        def named(self, _row: int) -> str:
            time.sleep(0.002)
            return self.name

    return Named


def storing_class() -> Any:
    """A class of `@daft.cls` that only stores its arguments, so building it costs nothing."""
    import daft

    class Noted:
        log: InstanceLog

        def __setattr__(self, name: str, value: Any) -> None:
            if not vars(self):
                value.watch(self)
            super().__setattr__(name, value)

    @daft.cls
    class Stores(Noted):
        def __init__(self, log: InstanceLog) -> None:
            self.log = log

        @daft.method(return_dtype=daft.DataType.int64())
        def doubled(self, row: int) -> int:
            return 2 * row

    return Stores


def failing(path: str, cause: Path) -> dict[str, Callable[[Any], Any]]:
    """Queries whose class cannot be built while there is a file, by the kind of class.

    Args:
        path: Of the log.
        cause: The file.
    """
    import daft

    int64 = daft.DataType.int64()

    class Weights:
        def __init__(self) -> None:
            time.sleep(BUILD_S)
            if cause.exists():
                raise ValueError("no weights are there")
            InstanceLog(path).note("load")

    @daft.udf(return_dtype=int64)
    class Legacy(Weights):
        def __call__(self, rows: Any) -> Any:
            return [2 * row for row in rows.to_pylist()]

    legacy: Any = Legacy
    queries = {"legacy": lambda df: df.select(legacy(df["row"]).alias("done"))}
    if hasattr(daft, "cls"):

        @daft.cls
        class Model(Weights):
            @daft.method(return_dtype=int64)
            def doubled(self, row: int) -> int:
                return 2 * row

        model = Model()
        queries["cls"] = lambda df: df.select(model.doubled(df["row"]).alias("done"))
    return queries


def unsafe_class(path: str) -> Any:
    """A class of `@daft.udf` that notes `together` if two threads are in one instance at once."""
    import daft

    @daft.udf(return_dtype=daft.DataType.int64())
    class Unsafe:
        def __init__(self) -> None:
            self.log = InstanceLog(path)
            self.log.watch(self)
            self.inside = 0
            time.sleep(BUILD_S)

        def __call__(self, rows: Any) -> Any:
            import threading

            self.inside += 1
            self.log.note("together" if self.inside > 1 else "call", str(threading.get_ident()))
            time.sleep(0.05)
            self.inside -= 1
            return [2 * row for row in rows.to_pylist()]

    return Unsafe
