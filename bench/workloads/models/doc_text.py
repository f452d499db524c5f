"""Real English text: the paragraphs of the docstrings of Python's standard library."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

# Shorter paragraphs are mostly headings and lists of names.
LEAST_WORDS = 5
# Tests, some of them broken on purpose, and packages that are not of the library.
LEFT_OUT = {"test", "tests", "lib2to3", "site-packages"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def paragraphs() -> list[str]:
    """All paragraphs, in the order of their files."""
    return [
        text
        for docstring in docstrings()
        for text in map(str.strip, docstring.split("\n\n"))
        if len(text.split()) >= LEAST_WORDS
    ]


def docstrings() -> Iterator[str]:
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py")):
        if LEFT_OUT.isdisjoint(path.relative_to(library).parts):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)):
                    yield docstring
