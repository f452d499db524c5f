"""Measured figures stand once, in Rust; what users read of them says the same."""

from __future__ import annotations

import re

import pytest

from tests.support.process import ROOT

MEASURED = (ROOT / "crates/planner/src/measured.rs").read_text()


def measured(name: str) -> int:
    found = re.search(rf"const {name}: u64 = ([\d_]+);", MEASURED)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize(
    ("document", "before", "name", "unit", "after"),
    [
        ("README.md", "a process: ", "WORKER_PRIVATE_BYTES", 10**6, " MB"),
        ("README.md", "and ", "PRESTARTED_START_CPU_MS", 10**3, " CPU-seconds to start"),
        ("docs/auto.md", "costs ", "WORKER_PRIVATE_BYTES", 10**6, " MB each"),
        ("docs/auto.md", "costs some ", "TASK_OVERHEAD_MS", 1, " ms beside its work"),
        ("docs/auto.md", "takes up to ", "WHOLE_QUERY_MEMORY", 1, " times as much"),
        (
            "docs/auto.md",
            "at ",
            "WHOLE_QUERY_BYTES_PER_CORE_S",
            10**6,
            " MB a second for each core",
        ),
        ("docs/choosing.md", "about ", "WORKER_PRIVATE_BYTES", 10**6, " MB of memory of its own"),
        ("docs/memory.md", "about ", "WORKER_PRIVATE_BYTES", 10**6, " MB of memory of its own"),
        ("docs/memory.md", "", "PRESTARTED_START_CPU_MS", 10**3, " CPU-seconds to start"),
        ("docs/memory.md", "own worker does; ", "NEW_START_CPU_MS", 10**3, ""),
        ("docs/memory.md", "less than the ", "WORKER_PRIVATE_BYTES", 10**6, " MB"),
        ("docs/shares.md", "", "WORKER_PRIVATE_BYTES", 10**6, " MB that it costs"),
    ],
)
def test_what_is_read_is_what_was_measured(
    document: str, before: str, name: str, unit: int, after: str
) -> None:
    text = " ".join((ROOT / document).read_text().split())
    assert f"{before}{measured(name) / unit:g}{after}" in text
