"""The process that asks a cluster imports nothing of the folder that the command is called in."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.cluster_client.surroundings import environment
from tests.support.hostile_folder import HostileFolder

PACKAGE = Path(protoplast.__file__).parent

# A command that asks for what is here, and has imported what that takes before it looks at its path.
ASKS = (
    "from protoplast.cluster_client.session import Session\n"
    "with Session(None) as session: print(session.ask(ask='here'))"
)


def found_here(session: Any) -> Any:
    with session:
        answer = json.loads(session.ask(ask="here"))
    assert "found" in answer, answer
    return answer["found"]


@pytest.mark.parametrize("safe_path", ["", "1"])
def test_the_search_path_of_the_user_counts_but_for_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, safe_path: str
) -> None:
    from protoplast.cluster_client.session import Session

    hostile = HostileFolder(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    started = tmp_path / "started"
    (own / "sitecustomize.py").write_text(f"open({str(started)!r}, 'w').close()\n")
    monkeypatch.chdir(hostile.path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", str(hostile.path), str(own), ""]))
    monkeypatch.setenv("PYTHONSAFEPATH", safe_path)
    found = found_here(Session(None))
    assert hostile.imported() == []
    assert started.exists(), "what the user has put on the path is there"
    assert found["unsupported"] is None
    assert found["installed"]["protoplast"] == protoplast.__version__


@pytest.mark.parametrize("searched", ["", ".", "..", "{absolute}"])
def test_a_protoplast_that_only_the_search_path_has_is_found(tmp_path: Path, searched: str) -> None:
    # As `pip install --target` puts it there; the environment itself has no packages.
    venv.create(tmp_path / "bare")
    target = tmp_path / "target"
    within = target / "within"
    within.mkdir(parents=True)
    (target / "protoplast").symlink_to(PACKAGE)
    done = subprocess.run(
        [tmp_path / "bare" / "bin" / "python", "-c", ASKS],
        cwd=within if searched == ".." else target,
        env={**os.environ, "PYTHONPATH": searched.format(absolute=target)},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    installed = json.loads(done.stdout)["found"]["installed"]
    assert installed["protoplast"] == protoplast.__version__
    assert installed["daft"] is None


def test_a_folder_that_was_deleted_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from protoplast.cluster_client.session import Session

    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert found_here(Session(None))["installed"]["protoplast"] == protoplast.__version__


def test_what_is_relative_is_so_to_the_folder_of_the_user() -> None:
    given = {
        "RAY_AUTH_TOKEN_PATH": "token",
        "RAY_TLS_CA_CERT": "/ca",
        "RAY_TMPDIR": "~/tmp",
        "A": "b",
    }
    made = environment(given, "/folder", "/own")
    assert made["RAY_AUTH_TOKEN_PATH"] == "/folder/token"
    assert made["RAY_TLS_CA_CERT"] == "/ca"
    assert made["RAY_TMPDIR"] == "~/tmp"
    assert made["A"] == "b"
    assert "PYTHONPATH" not in made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/a:/b", "/a:/b"),
        (":/a", "/a"),
        (".:relative:/folder:/folder/../folder/.:/folder/within:/a", "/folder/within:/a"),
        ("../own:/a", "/own:/a"),
        (":", None),
    ],
)
def test_of_a_search_path_what_is_the_same_everywhere_is_kept(given: str, kept: str | None) -> None:
    assert environment({"PYTHONPATH": given}, "/folder", "/own").get("PYTHONPATH") == kept
    assert environment({"PYTHONPATH": ":/a"}, "/own", "/own")["PYTHONPATH"] == "/own:/a"


def test_under_uv_nothing_is_uploaded() -> None:
    made = environment({"RAY_ENABLE_UV_RUN_RUNTIME_ENV": "1"}, "/folder", "/own")
    assert made["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] == "0"
