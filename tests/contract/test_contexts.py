"""Daft is as it was after apply, rollback and `patched_daft`, in any order and after errors."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import protoplast
from tests.support.process import in_new_process


def layout_in_force() -> str | None:
    layout = protoplast.status().layout
    return None if layout is None else str(layout)


def attributes_come_back() -> None:
    import os

    from protoplast.patches.auto_patch import patched_daft
    from protoplast.patches.daft_flotilla import (
        apply_flotilla_patches,
        rollback_flotilla_patches,
    )
    from tests.support.queries import assert_untouched, daft_attributes

    before = daft_attributes()

    def untouched() -> None:
        assert layout_in_force() is None
        assert "DAFT_RUNNER" not in os.environ
        assert_untouched(before)

    rollback_flotilla_patches()
    untouched()

    apply_flotilla_patches()
    apply_flotilla_patches("cpus-per-worker=2")
    assert layout_in_force() == "cpus-per-worker=2"
    rollback_flotilla_patches()
    rollback_flotilla_patches()
    untouched()

    with patched_daft():
        assert os.environ["DAFT_RUNNER"] == "ray"
        with patched_daft("per-node"), patched_daft(protoplast.Layout.workers_per_node(2)):
            assert layout_in_force() == "workers-per-node=2"
        assert layout_in_force() == "per-core"
    untouched()

    with patched_daft([("resource=GPU", "per-gpu"), ("*", protoplast.Layout.per_core(threads=2))]):
        assert layout_in_force() == "resource=GPU -> per-gpu; * -> per-core,threads=2"
    untouched()

    class OurError(Exception):
        pass

    for layout in (None, "per-node"):
        try:
            with patched_daft(layout):
                raise OurError
        except OurError:
            untouched()

    apply_flotilla_patches("per-node")
    with patched_daft("per-core"):
        apply_flotilla_patches("cpus-per-worker=3")
        assert layout_in_force() == "cpus-per-worker=3"
    assert layout_in_force() == "per-node"
    with patched_daft():
        rollback_flotilla_patches()
        untouched()
    untouched()

    with patched_daft():
        rollback_flotilla_patches()
        apply_flotilla_patches("per-node")
    assert layout_in_force() == "per-node"
    rollback_flotilla_patches()
    untouched()

    # Blocks of two threads close in any order.
    first, second = patched_daft("per-core"), patched_daft("per-node")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert layout_in_force() == "per-node"
    assert os.environ["DAFT_RUNNER"] == "ray"
    second.__exit__(None, None, None)
    untouched()

    # What Daft itself cannot read is left for Daft to say, and an empty variable is none.
    os.environ["DAFT_RUNNER"] = "bogus"
    with patched_daft():
        assert os.environ["DAFT_RUNNER"] == "bogus"
    assert os.environ.pop("DAFT_RUNNER") == "bogus"
    untouched()
    os.environ["DAFT_RUNNER"] = ""
    with patched_daft():
        assert os.environ["DAFT_RUNNER"] == "ray"
    assert os.environ.pop("DAFT_RUNNER") == ""
    untouched()

    # What is wrong is refused before anything is touched.
    for bad in ("percore", "", 4, "cpus-per-worker=0"):
        with pytest.raises(protoplast.LayoutError):
            apply_flotilla_patches(bad)  # type: ignore[arg-type]
        untouched()
    os.environ["PROTOPLAST_LAYOUT"] = "nonsense"
    with pytest.raises(
        protoplast.LayoutError, match="PROTOPLAST_LAYOUT: unknown layout 'nonsense'"
    ):
        apply_flotilla_patches()
    untouched()
    os.environ["PROTOPLAST_LAYOUT"] = "workers-per-node=2"
    apply_flotilla_patches()
    assert layout_in_force() == "workers-per-node=2"
    rollback_flotilla_patches()
    untouched()


def test_attributes_come_back() -> None:
    in_new_process(attributes_come_back)


def queries_follow(address: str) -> Any:
    import ray

    from protoplast.patches.auto_patch import patched_daft
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.queries import rows_by_process

    ray.init(address, log_to_driver=False)
    seen = []

    def query() -> None:
        rows = rows_by_process(parts=48)
        status = protoplast.status()
        workers = [
            w for fleet in status.fleets if fleet.layout == status.layout for w in fleet.workers
        ]
        if status.applied:
            assert set(rows) == {w.pid for w in workers}
        seen.append([str(status.layout), len(rows), len(status.fleets)])

    def effect() -> Any:
        status = protoplast.status()
        return status.in_effect, status.reason

    with patched_daft():
        query()
        with patched_daft("per-node"):
            in_effect, reason = effect()
            assert not in_effect, "the workers are those of the outer block"
            assert reason == (
                "no query has started workers yet under the layout 'per-node'; "
                "there are only 6 workers of 'per-core'"
            )
            query()
            assert effect() == (True, "")
        assert effect() == (True, "")
        query()
    query()
    apply_flotilla_patches("per-node")
    query()
    rollback_flotilla_patches()
    query()
    return seen


def test_each_query_runs_under_the_layout_in_force(cluster: str) -> None:
    # The block has to choose Ray as the runner: this process chooses none.
    assert in_new_process(queries_follow, cluster) == [
        ["per-core", 6, 1],
        ["per-node", 3, 2],
        # The fleet of the outer block was kept; that of the inner one is retired.
        ["per-core", 6, 1],
        ["None", 3, 0],
        ["per-node", 3, 1],
        ["None", 3, 0],
    ]


def native_runner_is_named() -> Any:
    import daft

    from protoplast.patches.auto_patch import patched_daft
    from tests.support.queries import choose_runner

    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage())

    logging.getLogger("protoplast").addHandler(Keep())
    choose_runner("native")
    with patched_daft():
        assert daft.from_pydict({"a": [1]}).collect().to_pydict() == {"a": [1]}
        status = protoplast.status()
    return [records, status.applied, status.in_effect, status.reason]


def test_the_native_runner_is_named() -> None:
    records, applied, in_effect, reason = in_new_process(native_runner_is_named)
    assert [record for record in records if "queries on Daft's native runner" in record]
    assert applied
    assert not in_effect
    assert reason == "this process runs its queries on Daft's native runner"
