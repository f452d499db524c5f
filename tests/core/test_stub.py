"""The stub of `protoplast._core` is checked to its last name; `make stub-lint` runs the check itself."""

from __future__ import annotations

import pytest

from protoplast import _core
from tests.support.stubtest import STUBS, check, defined, topics


def test_every_name_has_one_topic() -> None:
    names = [name for stub in STUBS.glob("[!_]*.pyi") for name in defined(stub)]
    names = [name for name in names if not name.startswith("_") or name == "__version__"]
    assert sorted(names) == sorted({*_core.__all__} - {"__version__"})


def test_what_is_otherwise_at_runtime_is_found_in_every_topic(
    capsys: pytest.CaptureFixture[str],
) -> None:
    modules = topics()
    changed = set()
    for topic, module in modules.items():
        name = min(name for name in vars(module) if not name.startswith("_"))
        setattr(module, name, 3.5)
        changed.add(f"{topic}.{name}")
    assert check(modules) == 1
    found = {line.split()[1] for line in capsys.readouterr().out.splitlines() if "error:" in line}
    assert found == changed
