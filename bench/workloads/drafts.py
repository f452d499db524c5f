"""Writes inputs to a draft and then renames it, so that an input is never half written."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Yield a directory, and rename it to the target at the end of the block."""
    draft = target.with_name(f"{target.name}.draft-{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        yield draft
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
