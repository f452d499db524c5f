"""Rounds of apply, query, rollback, query leave nothing behind, and so does a driver that exits."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process

# What the memory of a driver may move by in the second half of the rounds, in bytes. Malloc's arenas and
# Ray's own tables move by a few MB; a leaked result or fleet of each round would add up to more.
NOISE_BYTES = 16 << 20


def children() -> dict[int, str]:
    """Every process of this driver's own Ray, by pid: those that have its mark, and itself."""
    mark = f"PROTOPLAST_LEAK_TEST={os.environ['PROTOPLAST_LEAK_TEST']}".encode()
    found = {}
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and mark in (process / "environ").read_bytes():
                name = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(process.name)] = name
        except OSError:
            continue
    return found


def rss_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def live_actors() -> int:
    import ray
    from ray.util import list_named_actors

    del ray
    return len(list_named_actors(all_namespaces=True))


def files_a_dead_owner() -> int:
    """How many files plain Ray keeps open for each actor that owned what was read, and then ended.

    It is 1 on Ray 2.47 and 2.59: a socket that is closed on the other side.
    """
    import ray

    class HasData:
        def own(self) -> Any:
            return [ray.put(b"data")]

    Owner: Any = ray.remote(num_cpus=0)(HasData)  # noqa: N806
    owners = 3
    counts = []
    for _ in range(1 + owners):
        owner = Owner.remote()
        assert ray.get(ray.get(owner.own.remote())) == [b"data"]
        ray.kill(owner)
        time.sleep(0.5)
        counts.append(open_files())
    return round((counts[-1] - counts[0]) / owners)


def rounds(count: int) -> Any:
    import gc

    import daft
    import ray

    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.fault_queries import wait_for

    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    files_by_ray = files_a_dead_owner()

    def query() -> None:
        df = daft.from_pydict({"row": list(range(20))}).into_partitions(4)
        answer = df.with_column("next", daft.col("row") + 1).collect().to_pydict()
        assert sorted(answer["next"]) == list(range(1, 21))

    def a_round() -> None:
        apply_flotilla_patches()
        query()
        rollback_flotilla_patches()
        query()

    def settle() -> tuple[int, int, int, int]:
        gc.collect()
        wait_for(lambda: live_actors() == 1)  # Stock Daft's own runner.
        wait_for(lambda: sum("ray::" in name for name in children().values()) <= workers, 20)
        return (len(children()), live_actors(), open_files(), rss_bytes())

    # What Ray keeps warm comes with the first rounds.
    workers = 0
    for _ in range(2):
        a_round()
    time.sleep(3)
    workers = sum("ray::" in name for name in children().values())
    first = settle()
    halfway = first
    for index in range(count):
        a_round()
        if index == count // 2:
            halfway = settle()
    last = settle()
    apply_flotilla_patches()  # What has left is taken off the list when a layout changes.
    rollback_flotilla_patches()
    kept = len(FLEETS._retired) + len(FLEETS._live) + len(FLEETS._starting)
    return [first, halfway, last, kept, files_by_ray]


@pytest.mark.chaos
@pytest.mark.parametrize("count", [50])
def test_rounds_leave_nothing_behind(count: int) -> None:
    first, halfway, last, kept, files_by_ray = in_new_process(
        rounds,
        count,
        environment={**RAY_RUNNER, "PROTOPLAST_LEAK_TEST": str(time.time_ns())},
        timeout=800,
    )
    print(f"{count} rounds: processes, actors, files, bytes: {first} {halfway} {last}; kept {kept}")
    assert last[0] <= first[0], "no process more"
    assert last[1] == first[1] == 1, "no actor more"
    assert last[2] <= first[2] + files_by_ray * count + 4, "no file more than Ray's own"
    assert last[3] < halfway[3] + NOISE_BYTES
    assert kept <= 1
