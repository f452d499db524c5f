"""The patch is in effect by every way to connect: an address, a Ray Client, a job; with a token."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray

import protoplast
from tests.support.held_cluster import TOKENS, held_cluster
from tests.support.process import RAY_RUNNER, ROOT, in_new_process, run_command

pytestmark = pytest.mark.chaos

CPUS = 2

SETTINGS = {**RAY_RUNNER, **TOKENS}


@pytest.fixture(scope="module")
def way_in() -> Iterator[dict[str, str]]:
    """A cluster that asks for a token, if this Ray knows tokens, and how to reach it."""
    with held_cluster(TOKENS, num_cpus=CPUS, memory=1 << 30) as reached:
        yield reached


def patched_and_back(address: str | None) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.queries import rows_by_process

    if address:
        ray.init(address, log_to_driver=False)
    apply_flotilla_patches()
    did = rows_by_process()
    status = protoplast.status()
    assert status.in_effect
    assert {worker.pid for worker in status.workers} == set(did)
    rollback_flotilla_patches()
    return [len(did), len(rows_by_process())]


@pytest.mark.parametrize("way", ["address", "client"])
def test_a_running_cluster(way: str, way_in: dict[str, str]) -> None:
    assert in_new_process(patched_and_back, way_in[way], environment=SETTINGS) == [CPUS, 1]


def test_a_ray_job(way_in: dict[str, str], tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    entry = [
        sys.executable,
        "-m",
        "tests.support.process",
        __name__,
        "patched_and_back",
        "[null]",
        str(answer),
    ]
    submit = [Path(sys.executable).with_name("ray"), "job", "submit", "--address", way_in["jobs"]]
    runtime_env = f'{{"env_vars": {{"PYTHONPATH": "{ROOT}", "DAFT_RUNNER": "ray"}}}}'
    command = [*map(str, submit), "--runtime-env-json", runtime_env, "--", *entry]
    output = run_command(command, SETTINGS, 120)
    assert "succeeded" in output
    assert answer.read_text() == f"[{CPUS}, 1]"


def no_token(address: str) -> str:
    try:
        return str(patched_and_back(address))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.skipif(not TOKENS, reason="this Ray has no tokens")
def test_a_client_without_the_token_is_refused(way_in: dict[str, str]) -> None:
    environment = {**RAY_RUNNER, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "4" * 64}
    said = in_new_process(no_token, way_in["address"], environment=environment)
    # Of this Ray's own; what matters is that it is an error, and soon.
    assert said.startswith(("ConnectionError", "AuthenticationError"))


# Found before all else by every Python of a node: protoplast is only there if it was shipped.
HIDDEN = """
import sys
from importlib.machinery import PathFinder
class OnlyShipped:
    def find_spec(self, name, path=None, target=None):
        if name != "protoplast":
            return None
        shipped = [place for place in sys.path if "runtime_resources" in place]
        spec = PathFinder.find_spec(name, shipped)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return spec
sys.meta_path.insert(0, OnlyShipped())
"""


def bare_node(folder: str, ships: dict[str, Any]) -> Any:
    from ray.cluster_utils import Cluster

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import end_cluster
    from tests.support.queries import rows_by_process

    Path(folder, "sitecustomize.py").write_text(HIDDEN)
    cluster = Cluster()
    cluster.add_node(
        num_cpus=CPUS, memory=1 << 30, include_dashboard=False, env_vars={"PYTHONPATH": folder}
    )
    if ships == {"py_modules": []}:
        ships = {"py_modules": [protoplast]}
    ray.init(cluster.address, runtime_env=ships, log_to_driver=False)
    apply_flotilla_patches()
    did = rows_by_process()
    (fleet,) = protoplast.status().fleets

    def places(_actor: Any) -> str:
        return str(sys.modules["protoplast"].__file__)

    runner = ray.get_actor(fleet.name, namespace="daft")
    place = ray.get(runner.__ray_call__.remote(places))
    answer = [len(did), len(fleet.workers), "runtime_resources" in place]
    end_cluster(cluster)
    return answer


def test_the_package_is_shipped(tmp_path: Path) -> None:
    ships: dict[str, Any] = {"py_modules": []}
    assert in_new_process(bare_node, str(tmp_path), ships, environment=RAY_RUNNER) == [
        CPUS,
        CPUS,
        True,
    ]


def test_the_wheel_is_shipped(tmp_path: Path) -> None:
    (wheel,) = Path(ROOT, "dist").glob("protoplast-*.whl")
    ships = {"pip": {"packages": [str(wheel)], "pip_install_options": ["--no-deps"]}}
    assert in_new_process(bare_node, str(tmp_path), ships, environment=RAY_RUNNER, timeout=170) == [
        CPUS,
        CPUS,
        True,
    ]
