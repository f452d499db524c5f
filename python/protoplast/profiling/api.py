"""Profiles a query, or all queries of a block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from protoplast.driver.patch import PATCH
from protoplast.driver.profiling.recorder import Recorder, recording
from protoplast.errors import NotInEffectError, UnsupportedDaftError
from protoplast.profiling.profile import Profile
from protoplast.seams.profiling.tasks import TASKS


class Profiles:
    """The profiles of the queries of a `profiled` block, once it has ended."""

    def __init__(self) -> None:
        self._profiles: list[Profile] | None = None

    @property
    def profiles(self) -> list[Profile]:
        """The profile of each query, in the order in which they began.

        Raises:
            NotInEffectError: The block has not ended.
        """
        if self._profiles is None:
            raise NotInEffectError("the profiles are there when the profiled() block has ended")
        return list(self._profiles)

    @property
    def profile(self) -> Profile:
        """The profile of the last query that began in the block.

        Raises:
            NotInEffectError: The block has not ended, or no query ran in it under the patch.
        """
        profiles = self.profiles
        if not profiles:
            raise NotInEffectError(
                "no query ran in the profiled() block on the workers of a layout: a DataFrame that is "
                "collected already runs none, nor do queries of other threads or another runner than "
                "Ray's count"
            )
        return profiles[-1]

    def _take(self, recorder: Recorder) -> None:
        self._profiles = [Profile(record) for record in recorder.records()]


@contextlib.contextmanager
def profiled(title: str | None = None) -> Iterator[Profiles]:
    """Profile the queries that this thread begins in a `with` block.

    If a query fails, its error is raised as ever, and its profile shows what was recorded until then. A
    query that still runs when the block ends is recorded up to there.

    Args:
        title: What the profiles call the queries. If you give none, it is the names of their operators.

    Raises:
        NotInEffectError: The patch is not applied.
        UnsupportedDaftError: This Daft lacks something that profiles rely on.
    """
    _check()
    found = Profiles()
    with recording(title) as recorder:
        try:
            yield found
        finally:
            found._take(recorder)


def profile(df: Any, title: str | None = None) -> Profile:
    """Run a query and return where the time of its worker slots went.

    The rows stay in the DataFrame, as with `df.collect()`.

    Args:
        df: The query, a Daft DataFrame that is not collected yet.
        title: What the profile calls the query. If you give none, it is the names of its operators.

    Raises:
        NotInEffectError: The patch is not applied, `df` is not a DataFrame, or it is collected already.
        UnsupportedDaftError: This Daft lacks something that profiles rely on.
        Exception: Whatever the query itself raises.
    """
    if not hasattr(df, "_builder"):
        raise NotInEffectError(f"profile takes a Daft DataFrame, not {df!r:.200}")
    with profiled(title) as found:
        df.collect()
    return found.profile


def _check() -> None:
    if PATCH.layout is None:
        raise NotInEffectError(
            "the patch is not applied, so no query can be profiled; call apply_flotilla_patches() "
            "first, or use patched_daft()"
        )
    missing = next(TASKS.missing(), None)
    if missing is not None:
        raise UnsupportedDaftError(f"{missing} is missing in this Daft, so {TASKS.without}")
