"""Queries that show which processes do their rows. For use inside the processes of tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

from protoplast.driver.python_code.work import WORK

ROWS = 96


def choose_runner(kind: str) -> None:
    """Choose the runner `ray` or `native`, by the name that this Daft has for it."""
    import daft
    import daft.context

    name = f"set_runner_{kind}"
    # Functions of daft.context before 0.6.2.
    choose = getattr(daft, name, None) or getattr(daft.context, name)
    choose()


@contextlib.contextmanager
def nothing_is_learnt() -> Iterator[None]:
    """Have each query of a block cut into tasks as if its UDFs had never run before."""
    with mock.patch.object(WORK, "known", return_value=[]):
        yield


def rows_by_process(parts: int = 24) -> dict[int, int]:
    """Run a query whose tasks are slow enough to reach every worker; returns rows by pid."""
    pids = collected(parts).to_pydict()["pid"]
    return {pid: pids.count(pid) for pid in pids}


def collected(parts: int = 24) -> Any:
    """Collect that query: columns `row` and `pid`."""
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(_row: int) -> int:
        import os
        import time

        time.sleep(0.03)
        return os.getpid()

    df = daft.from_pydict({"row": list(range(ROWS))}).into_partitions(parts)
    with nothing_is_learnt():  # Code that sleeps would share a worker from its second query on.
        return df.with_column("pid", pid(daft.col("row"))).collect()


def daft_attributes() -> dict[str, Any]:
    """Return every attribute of Daft's that the patch could touch, with the object that it is."""
    import daft
    import daft.context
    import daft.logical.builder
    import daft.runners.flotilla
    import daft.runners.ray_runner

    from protoplast.seams import class_udfs

    owners = (
        daft,
        daft.context,
        daft.runners.flotilla,
        daft.runners.ray_runner,
        daft.DataFrame,
        daft.logical.builder.LogicalPlanBuilder,
        daft.runners.flotilla.FlotillaRunner,
        daft.runners.ray_runner.RayRunner,
        daft.runners.ray_runner.RayPartitionSet,
        daft.runners.ray_runner.RayMaterializedResult,
        *filter(None, (class_udfs.class_base(), class_udfs.legacy_class())),
    )
    return {
        f"{owner.__name__}.{name}": value
        for owner in owners
        for name, value in vars(owner).items()
        # What Daft itself, pickling and warnings cache on first use.
        if name not in ("_FLOTILLA_RUNNER_NAME_SUFFIX", "__slotnames__", "__warningregistry__")
    }


def assert_untouched(before: dict[str, Any]) -> None:
    """See that Daft's attributes are identical to what they were."""
    after = daft_attributes()
    changed = [name for name in before | after if before.get(name) is not after.get(name)]
    # A submodule that was imported meanwhile is Daft's own doing.
    changed = [name for name in changed if type(after.get(name)).__name__ != "module"]
    assert not changed, changed
