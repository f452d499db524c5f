"""A query runs on the workers of the layout or fails at once; never quietly on others."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import protoplast
from tests.support.other_protoplasts import VERSION, protoplasts_there
from tests.support.process import RAY_RUNNER, in_new_process
from tests.support.shared_driver import Scenarios


def query_error() -> list[Any]:
    from tests.support.queries import rows_by_process

    started = time.monotonic()
    try:
        rows_by_process()
    except Exception as error:
        return [type(error).__name__, str(error), time.monotonic() - started]
    return ["no error", "", 0.0]


def without_protoplast_on_the_cluster(address: str, hidden: str) -> Any:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.queries import rows_by_process

    environment = {"env_vars": {"PYTHONPATH": hidden}}
    ray.init(address, runtime_env=environment, log_to_driver=False)
    apply_flotilla_patches()
    error = query_error()
    rollback_flotilla_patches()
    return [error, len(rows_by_process(parts=48))]


def test_protoplast_is_missing_on_the_cluster(cluster: str, tmp_path: Path) -> None:
    package = tmp_path / "protoplast"
    package.mkdir()
    package.joinpath("__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'protoplast'\", name='protoplast')\n"
    )
    (name, text, seconds), stock = in_new_process(
        without_protoplast_on_the_cluster, cluster, str(tmp_path), environment=RAY_RUNNER
    )
    assert name == "NotInEffectError", text
    assert "protoplast cannot be imported on the cluster" in text
    # The ways to have it there; test_connections.py tries each.
    assert "in the image" in text
    assert 'runtime_env={"py_modules": [protoplast]}' in text
    assert '"pip_install_options": ["--no-deps"]' in text
    assert seconds < 30
    assert stock == 3, "and after a rollback queries run"


def other_protoplasts_on_the_cluster(address: str, folders: dict[str, str]) -> Any:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    errors = {}
    apply_flotilla_patches()
    for name, folder in folders.items():
        environment = {"env_vars": {"PYTHONPATH": folder}}
        ray.init(address, runtime_env=environment, log_to_driver=False)
        errors[name] = query_error()
        ray.shutdown()
    return errors


def test_another_protoplast_on_the_cluster_is_told(cluster: str, tmp_path: Path) -> None:
    folders = protoplasts_there(tmp_path)
    errors = in_new_process(
        other_protoplasts_on_the_cluster, cluster, folders, environment=RAY_RUNNER
    )
    here = protoplast.__version__
    other = f"the cluster has protoplast {VERSION} and this process {here}; install {here} on every node"
    build = (
        f"the cluster has another build of protoplast {here} than this process; install the same"
    )
    for name, expected in (("older", other), ("same version", build), ("lacking", other)):
        kind, text, seconds = errors[name]
        assert kind == "NotInEffectError"
        assert text.startswith(expected)
        assert "\n" not in text
        assert seconds < 30


def daft_starts_workers_past_the_view(address: str) -> Any:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from protoplast.runner import calls as runner_calls

    ray.init(address, log_to_driver=False)
    apply_flotilla_patches()
    installed = runner_calls.install

    def install_and_lose(actor: Any, layout: Any) -> Any:
        """Install, then behave as a Daft that has taken hold of its own function before."""
        import daft.runners.flotilla as flotilla

        original = flotilla.start_ray_workers
        report = installed(actor, layout)
        if not isinstance(original, type(flotilla.start_ray_workers)):
            flotilla.start_ray_workers = lambda *given: original(*given)
        return report

    setattr(runner_calls, "install", install_and_lose)  # noqa: B010
    return query_error()


def test_daft_does_not_take_the_view(cluster: str) -> None:
    # The runner of such a Daft stays for as long as its driver.
    name, text, seconds = in_new_process(
        daft_starts_workers_past_the_view, cluster, environment=RAY_RUNNER
    )
    assert name == "NotInEffectError", text
    assert "without protoplast's view of the cluster" in text
    assert seconds < 30


def other_workers_than_planned() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from protoplast.runner import calls as runner_calls

    apply_flotilla_patches()
    installed = runner_calls.install

    def install_and_hide_a_node(actor: Any, layout: Any) -> Any:
        """Install, then behave as a Daft that leaves out a node that it sees."""
        from protoplast.runner import launch

        whole = launch.virtual_nodes
        launch.virtual_nodes = lambda plan, nodes: whole(plan, nodes)[1:]
        return installed(actor, layout)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner_calls, "install", install_and_hide_a_node)
        return query_error()


def test_daft_creates_other_workers_than_planned(cluster: str, scenarios: Scenarios) -> None:
    name, text, seconds = scenarios(other_workers_than_planned, address=cluster)
    assert name == "NotInEffectError", text
    assert "6 planned, 5 created" in text
    assert "was planned but not created" in text
    assert seconds < 30


def ray_is_started_again() -> Any:
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.queries import rows_by_process

    apply_flotilla_patches()
    counts = []
    for cpus in (2, 3):
        ray.init(num_cpus=cpus, log_to_driver=False, include_dashboard=False)
        rows_by_process()
        counts.append(len(protoplast.status().workers))
        ray.shutdown()
        assert not protoplast.status().in_effect
        assert not ray.is_initialized()
    rollback_flotilla_patches()
    assert not ray.is_initialized()
    return counts


def test_ray_is_started_again_in_one_process() -> None:
    assert in_new_process(ray_is_started_again, environment=RAY_RUNNER) == [2, 3]
