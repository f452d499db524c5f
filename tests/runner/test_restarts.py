"""A worker or runner that Ray would start again by itself is not: it would come without its set-up."""

from __future__ import annotations

import os
import signal
from typing import Any

from protoplast import _core
from tests.support.process import RAY_RUNNER, in_new_process

RESTARTS = {"max_restarts": 2, "max_task_retries": 2}


def install_where_workers_restart(actor: Any, layout: _core.Layout) -> Any:
    """Install the view in a runner whose Daft has Ray start dead workers again."""
    import daft.runners.flotilla as flotilla

    # In the runner's process, where it is as it was.
    from protoplast.runner import calls as runner_calls
    from protoplast.runner.guard import Guard

    if not isinstance(flotilla.RaySwordfishActor, Guard):
        flotilla.RaySwordfishActor._default_options.update(RESTARTS)
    return runner_calls.install(actor, layout)


def limits() -> set[str | None]:
    """The memory limits of the processes that run a query."""
    import daft

    @daft.func(return_dtype=daft.DataType.string())
    def limit(_row: int) -> str | None:
        import time

        time.sleep(0.1)
        return os.environ.get("DAFT_MEMORY_LIMIT")

    df = daft.from_pydict({"row": list(range(16))}).into_partitions(16)
    return set(df.select(limit(daft.col("row")).alias("limit")).to_pydict()["limit"])


def actors_are_killed() -> Any:
    import daft.runners.flotilla as flotilla
    import ray

    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from protoplast.runner import calls as runner_calls
    from tests.support.fault_queries import Running, alive

    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    setattr(runner_calls, "install", install_where_workers_restart)  # noqa: B010
    flotilla.RemoteFlotillaRunner._default_options.update(RESTARTS)
    apply_flotilla_patches()
    before = limits()
    first = alive()
    os.kill(next(iter(first.values())), signal.SIGKILL)
    Running(8, 0.5).did()
    between = limits()
    others = len(set(alive().values()) - set(first.values()))

    fleet = FLEETS.live()[0]
    os.kill(fleet._wait_for(fleet.ask(lambda _: os.getpid()), 10), signal.SIGKILL)
    after = limits()
    return [
        sorted(map(str, before)),
        sorted(map(str, between)),
        sorted(map(str, after)),
        others,
        FLEETS.live()[0].name != fleet.name,
    ]


def test_actors_are_started_anew_and_not_again() -> None:
    before, between, after, others, is_new_runner = in_new_process(
        actors_are_killed, environment=RAY_RUNNER
    )
    assert len(before) == 1
    assert before != ["None"]
    assert between == before, "the worker that came for the one that died has its share"
    assert after == before
    assert others == 1
    assert is_new_runner, "the one that died does not come back without its view"
