"""The sources keep their layers, and no file or folder is too large; `rules.py` says what that means."""

from __future__ import annotations

import re

import pytest

from tests.layers import rules
from tests.layers.graph import climbs, cycles
from tests.layers.python_imports import Package
from tests.layers.rust_imports import Crate
from tests.layers.sizes import code_files, too_long, too_many_files
from tests.support.process import ROOT


def holds(found: list[str]) -> None:
    assert not found, "\n".join(found)


@pytest.mark.parametrize("crate", rules.CRATES)
def test_no_file_of_a_crate_climbs_or_is_in_a_cycle(crate: str) -> None:
    edges = Crate.read(ROOT / rules.CRATES[crate]).edges()
    # A crate without layers is checked for cycles alone.
    layers = rules.IN_CRATE.get(crate)
    holds((climbs(edges, layers) if layers else []) + cycles(edges))


def test_no_crate_climbs() -> None:
    manifests = {
        crate: (ROOT / "crates" / crate / "Cargo.toml").read_text() for crate in rules.CRATES
    }
    edges = {
        crate: set(re.findall(r"^protoplast-(\w+)", manifest, re.M))
        for crate, manifest in manifests.items()
    }
    holds(climbs(edges, rules.BETWEEN_CRATES))


@pytest.mark.parametrize("crate", rules.IMPURE)
def test_what_is_pure_asks_the_system_nothing(crate: str) -> None:
    holds(Crate.read(ROOT / rules.CRATES[crate]).uses_of_std(rules.IMPURE[crate]))


def test_no_file_of_the_package_climbs_or_is_in_a_cycle() -> None:
    package = Package.read(ROOT / rules.PACKAGE)
    edges = package.edges()
    holds(climbs(edges, rules.IN_PACKAGE) + cycles(edges))
    holds(package.imports(rules.OUTSIDE_PACKAGE))


@pytest.mark.parametrize("folder", ["bench", "tests"])
def test_no_other_python_file_is_in_a_cycle(folder: str) -> None:
    holds(cycles(Package.read(ROOT / folder).edges()))


def test_no_folder_and_no_file_is_too_large() -> None:
    files = code_files(ROOT)
    holds(too_many_files(files) + too_long(ROOT, files))
