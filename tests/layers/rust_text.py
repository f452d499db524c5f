"""What a Rust file uses: the imports and paths in its text, without comments, strings and tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Path = tuple[str, ...]

_COMMENT_OR_TEXT = re.compile(
    r"""//[^\n]* | /\*.*?\*/
    | b?r(?P<hashes>\#*)".*?"(?P=hashes) | b?"(?:\\.|[^"\\])*" | '(?:\\.|[^\\'])'""",
    re.S | re.X,
)
_TEST = re.compile(r"#\[cfg\(test\)\]")
_TEST_FILE = re.compile(r"#\[cfg\(test\)\]\s*mod\s+(\w+)\s*;")
_FOR_WHOM = re.compile(r"\bpub\s*\([^)]*\)")
_USE = re.compile(r"\buse\s+([^;]+);")
_PATH = re.compile(r"(?<![\w:.])[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)+")
_ITEM = re.compile(
    r"\b(?:struct|enum|union|trait|type|fn|const(?!\s+fn\b)|static(?:\s+mut)?|macro_rules!)\s+(\w+)"
)


@dataclass
class RustFile:
    """What one file brings in and names."""

    # The path behind each name that `use` brings in.
    names: dict[str, Path] = field(default_factory=dict)
    # The paths of which all names are brought in, or none (`use a as _`).
    globs: list[Path] = field(default_factory=list)
    # The paths that stand in the code.
    paths: set[Path] = field(default_factory=set)
    # The items that are defined here; methods and local items among them, which does no harm.
    items: set[str] = field(default_factory=set)
    # The modules below that are tests, in files of their own.
    tests: set[str] = field(default_factory=set)


def read_rust(text: str) -> RustFile:
    """Reads a file; what is behind `#[cfg(test)]` is no part of it."""
    text = _FOR_WHOM.sub("pub", _COMMENT_OR_TEXT.sub(" ", text))
    tests = set(_TEST_FILE.findall(text))
    text = without_tests(text)
    file = RustFile(items=set(_ITEM.findall(text)), tests=tests)
    for use in _USE.findall(text):
        for path, name in expanded(use):
            if name in ("*", "_"):
                file.globs.append(path)
            else:
                file.names[name] = path
    without_uses = _USE.sub(" ", text)
    file.paths = {tuple(re.split(r"\s*::\s*", path)) for path in _PATH.findall(without_uses)}
    return file


def without_tests(text: str) -> str:
    """The text without the items behind `#[cfg(test)]`, from there to their last brace or semicolon."""
    while test := _TEST.search(text):
        depth, end = 0, test.end()
        while end < len(text):
            depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(text[end], 0)
            end += 1
            if depth == 0 and text[end - 1] in "};":
                break
        text = text[: test.start()] + text[end:]
    return text


def expanded(use: str, before: Path = ()) -> list[tuple[Path, str]]:
    """The paths of a `use` with braces, each with the name that it brings in."""
    use = use.strip()
    if "{" in use:
        head, _, rest = use.partition("{")
        before += tuple(part.strip() for part in head.split("::") if part.strip())
        inner = rest[: rest.rindex("}")]
        return [found for part in split_outside_braces(inner) for found in expanded(part, before)]
    use, _, alias = use.partition(" as ")
    path = before + tuple(part.strip() for part in use.split("::") if part.strip())
    if path[-1] == "self" and len(path) > 1:
        path = path[:-1]
    if path[-1] == "*":
        return [(path[:-1], "*")]
    return [(path, alias.strip() or path[-1])]


def split_outside_braces(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]
