"""The check of the layers sees what it should, on small trees that are made up."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.layers.graph import Edges, climbs, cycles
from tests.layers.python_imports import Package
from tests.layers.rules import Layers
from tests.layers.rust_imports import Crate
from tests.layers.sizes import code_files, too_long, too_many_files

LAYERS: Layers = {
    "low": (),
    "middle": ("low",),
    "high": ("middle",),
    "lib": ("high",),
    "__init__": ("high",),
}

RUST = {
    "lib.rs": "mod high;\nmod low;\nmod middle;\npub use high::Tower;\npub use low::*;",
    "low/mod.rs": "mod node;\nmod size;\npub use self::node::{Node, Nodes as Many};pub use size::size;",
    "low/node.rs": "use super::size;\npub struct Node;\npub struct Nodes;\nfn f() { size() }",
    "low/size.rs": "pub const fn size() {}",
    "middle.rs": "use crate::low::{Many, Node as N};\npub struct Floor(N, Many);",
    "high/mod.rs": "pub mod tower;\npub use tower::Tower;",
    "high/tower.rs": "use crate::middle::Floor;\npub struct Tower(Floor);",
}

PYTHON = {
    "__init__.py": "from pack.high import Tower\nfrom pack.low import Node as Knot",
    "low/__init__.py": "from .node import Node",
    "low/node.py": "import logging\nfrom pack.low.size import size\nlog = logging.getLogger('pack')",
    "low/size.py": "size = 1",
    "middle.py": "from pack.low import Node\nFloor = Node",
    "high/__init__.py": "from pack.high.tower import Tower",
    "high/tower.py": "from pack import middle\nTower = middle.Floor",
}


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return root


def rust(root: Path, changed: dict[str, str]) -> Edges:
    return Crate.read(written(root / "src", RUST | changed)).edges()


def python(root: Path, changed: dict[str, str]) -> Edges:
    return Package.read(written(root / "pack", PYTHON | changed)).edges()


def test_a_clean_crate_passes(tmp_path: Path) -> None:
    edges = rust(tmp_path, {})
    assert climbs(edges, LAYERS) + cycles(edges) == []
    # Each name is taken for what the file that defines it has.
    assert edges["middle.rs"] == {"low/node.rs"}
    assert edges["low/node.rs"] == {"low/size.rs"}
    assert edges["lib.rs"] == {"high/tower.rs", "low/mod.rs"}


def test_a_clean_package_passes(tmp_path: Path) -> None:
    edges = python(tmp_path, {})
    assert climbs(edges, LAYERS) + cycles(edges) == []
    assert edges["middle.py"] == {"low/node.py"}
    assert edges["__init__.py"] == {"high/tower.py", "low/node.py"}


@pytest.mark.parametrize(
    "text",
    [
        "use crate::middle::Floor;",
        "use crate::{low::Node, middle::{self, Floor}};",
        "pub(crate) use super::super::middle::Floor as F;",
        "fn f(floor: &crate::middle::Floor) {}",
        "fn f() { let x = vec![crate :: middle :: Floor]; }",
        "use crate::middle;\nfn f() { middle::Floor; }",
        'const A: &str = "//"; use crate::middle::Floor;',
        "fn f() { use crate::middle::*; }",
        "#[cfg(test)]\nuse crate::high::Tower;\nuse crate::middle::Floor;",
    ],
)
def test_a_climb_in_rust_is_found(tmp_path: Path, text: str) -> None:
    edges = rust(tmp_path, {"low/size.rs": text})
    assert climbs(edges, LAYERS) == ["low/size.rs reads middle.rs, and 'low' may not read 'middle'"]


def test_a_climb_through_the_root_s_re_exports_is_found(tmp_path: Path) -> None:
    edges = rust(tmp_path, {"low/size.rs": "use crate::Tower;"})
    assert climbs(edges, LAYERS) == [
        "low/size.rs reads high/tower.rs, and 'low' may not read 'high'"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "// use crate::middle::Floor;\n/* crate::middle::Floor */",
        "/// See [`Floor`](crate::middle::Floor).\npub fn size() {}",
        'const A: &str = r#"crate::middle::Floor "quoted""#;',
        "pub(in crate::low) fn size<'a>(a: &'a str) -> char { 'b' }",
        "#[cfg(test)]\nmod tests {\n    use crate::middle::Floor;\n    fn f() { if true {} }\n}",
        "#[cfg(test)]\n#[allow(dead_code)]\nfn f(a: [u8; 3]) { crate::middle::f() }\nfn g() {}",
        "use std::fmt;\nuse serde::middle::Floor;",
    ],
)
def test_comments_texts_tests_and_others_are_no_climb(tmp_path: Path, text: str) -> None:
    assert climbs(rust(tmp_path, {"low/size.rs": text}), LAYERS) == []


def test_tests_in_a_file_of_their_own_are_no_climb(tmp_path: Path) -> None:
    files = {
        "low/size.rs": "#[cfg(test)]\nmod tests;",
        "low/size/tests.rs": "use crate::middle::Floor;",
    }
    edges = rust(tmp_path, files)
    assert climbs(edges, LAYERS) + cycles(edges) == []


def test_two_files_that_read_each_other_are_found_through_re_exports(tmp_path: Path) -> None:
    edges = rust(tmp_path, {"low/size.rs": "use crate::low::Many;\npub fn size() {}"})
    assert climbs(edges, LAYERS) == []
    assert cycles(edges) == [
        "node.rs, size.rs in 'low': low/node.rs reads low/size.rs; low/size.rs reads low/node.rs"
    ]


def test_a_file_that_reads_what_its_own_folder_defines_is_found(tmp_path: Path) -> None:
    mod = "mod node;\nmod size;\npub use node::Node;\npub fn whole() {}"
    (found,) = cycles(rust(tmp_path, {"low/mod.rs": mod, "low/size.rs": "use super::whole;"}))
    assert "mod.rs, node.rs, size.rs in 'low'" in found


def test_two_folders_that_read_each_other_are_found_if_no_two_files_do(tmp_path: Path) -> None:
    files = {"a/mod.rs": "", "a/x.rs": "use crate::b::x::X;", "a/y.rs": "pub struct Y;"}
    files |= {"b/mod.rs": "", "b/x.rs": "pub struct X;", "b/y.rs": "use crate::a::y::Y;"}
    crate = Crate.read(written(tmp_path, {"lib.rs": "", **files}))
    assert cycles(crate.edges()) == ["a, b in '.': a/x.rs reads b/x.rs; b/y.rs reads a/y.rs"]


@pytest.mark.parametrize(
    "text",
    [
        "import pack.middle",
        "import pack.middle as floors",
        "from pack import middle",
        "from pack.middle import Floor",
        "from ..middle import Floor",
        "from .. import middle",
        "def f():\n    from pack.middle import Floor\n    return Floor",
        "def f():\n    import pack.middle\n    return pack.middle.Floor",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.middle import Floor",
        "import importlib\nimportlib.import_module('pack.middle')",
        "LAZY = {'Floor': 'pack.middle'}",
    ],
)
def test_a_climb_in_python_is_found(tmp_path: Path, text: str) -> None:
    edges = python(tmp_path, {"low/size.py": text})
    assert climbs(edges, LAYERS) == ["low/size.py reads middle.py, and 'low' may not read 'middle'"]


@pytest.mark.parametrize("name", ["Tower", "Knot", "anything"])
def test_a_climb_through_the_package_is_found(tmp_path: Path, name: str) -> None:
    files = {"low/node.py": "Node = 1", "middle.py": f"from pack import {name}"}
    found = climbs(python(tmp_path, files), LAYERS)
    expected = {"Tower": "high/tower.py", "anything": "__init__.py"}.get(name)
    assert [line.partition(",")[0] for line in found] == (
        [f"middle.py reads {expected}"] if expected else []
    )


def test_two_modules_that_read_each_other_are_found(tmp_path: Path) -> None:
    edges = python(
        tmp_path, {"low/size.py": "def size():\n    from pack.low import Node\n    return Node"}
    )
    assert climbs(edges, LAYERS) == []
    assert cycles(edges) == [
        "node.py, size.py in 'low': low/node.py reads low/size.py; low/size.py reads low/node.py"
    ]


def test_the_package_reads_nothing_beside_it(tmp_path: Path) -> None:
    files = {"low/size.py": "import os\ndef f():\n    from tests.support.process import ROOT"}
    package = Package.read(written(tmp_path / "pack", PYTHON | files))
    assert package.imports(("bench", "tests")) == ["low/size.py reads tests.support.process"]


def test_what_has_no_layer_is_found(tmp_path: Path) -> None:
    assert climbs(rust(tmp_path, {"new/mod.rs": ""}), LAYERS) == [
        "new/mod.rs: in no layer; add it to tests/layers/rules.py"
    ]


def test_what_asks_the_system_is_found(tmp_path: Path) -> None:
    text = "use std::{fmt, fs};\nfn now() { std::time::Instant::now(); }\n// std::env"
    crate = Crate.read(written(tmp_path, {"lib.rs": text}))
    assert crate.uses_of_std(("env", "fs", "time")) == [
        "lib.rs uses std::fs",
        "lib.rs uses std::time::Instant::now",
    ]


def test_what_is_too_large_is_found(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    written(tmp_path, {f"full/{number}.py": "" for number in range(17)})
    written(
        tmp_path, {f"most/{number}.rs": "" for number in range(16)} | {"most/notes.txt": "\n" * 500}
    )
    written(tmp_path, {"long.rs": "\n" * 400, "most/0.rs": "\n" * 399})
    (tmp_path / "open.rs").write_text("\n" * 400 + "// a line without an end")
    written(tmp_path, {"left/out.py": "\n" * 900, ".gitignore": "left"})
    files = code_files(tmp_path)
    assert too_many_files(files) == ["full: 17 files"]
    assert too_long(tmp_path, files) == ["long.rs: 401 lines", "open.rs: 401 lines"]
