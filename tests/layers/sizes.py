"""Finds files and folders that are too large to be read at once."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path, PurePosixPath

from tests.layers.rules import CODE, MOST_FILES, MOST_LINES


def code_files(root: Path) -> list[str]:
    """The files of code that Git tracks, and new ones that it does not ignore."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=root, check=True, capture_output=True, text=True).stdout
    return [file for file in listed.splitlines() if file.endswith(CODE) and (root / file).is_file()]


def too_many_files(files: list[str]) -> list[str]:
    """The folders with more files of code than a folder may have."""
    folders = Counter(str(PurePosixPath(file).parent) for file in files)
    return [f"{folder}: {count} files" for folder, count in folders.items() if count > MOST_FILES]


def too_long(root: Path, files: list[str]) -> list[str]:
    """The files of more lines than a file may have."""
    lines = {file: len((root / file).read_bytes().splitlines()) for file in files}
    return [f"{file}: {count} lines" for file, count in lines.items() if count > MOST_LINES]
