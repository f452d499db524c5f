"""Chooses Daft's runner. A process can choose its runner once and never change it."""

from __future__ import annotations

import logging
import os
import threading

from protoplast.seams.daft import RAY_RUNNER_TYPE, RUNNER_VARIABLE, runner_type

logger = logging.getLogger(__name__)

# Held while the environment variable is read and set.
_LOCK = threading.RLock()


class RayByDefault:
    """Chooses Ray's runner for a process that chooses none, by Daft's own environment variable.

    Daft reads the variable when it first needs a runner, so an explicit choice by the user, earlier or
    later, still counts.
    """

    def __init__(self) -> None:
        self._is_ours = False
        self._before: str | None = None

    def want(self, wanted: bool) -> None:
        """Set the variable if it is wanted and not set, or restore it if it is not wanted any more.

        Args:
            wanted: Whether any layer of the patch wants Ray's runner now.
        """
        with _LOCK:
            self._want(wanted)

    def _want(self, wanted: bool) -> None:
        now = os.environ.get(RUNNER_VARIABLE)
        # Noted before the variable is set and until it is restored, because a Ctrl-C may come between.
        if wanted and not now:  # Daft also takes an empty variable as none.
            self._is_ours, self._before = True, now
            os.environ[RUNNER_VARIABLE] = RAY_RUNNER_TYPE
        elif self._is_ours and not wanted:
            if now == RAY_RUNNER_TYPE:
                if self._before is None:
                    del os.environ[RUNNER_VARIABLE]
                else:
                    os.environ[RUNNER_VARIABLE] = self._before
            self._is_ours = False


def other_runner() -> str | None:
    """Return the type of the chosen runner if that is not Ray's.

    Daft only tells the type that it has or would infer. With the variable set it infers Ray's, so
    another answer means that the process or the variable has chosen another runner.

    Returns:
        The type, or None if it is Ray's, if none was chosen, or if Daft cannot say.
    """
    with _LOCK:
        inferred = RayByDefault()
        inferred.want(True)
        try:
            found = runner_type()
        except ValueError as error:
            # Daft says so itself when the first query needs a runner.
            logger.debug("Daft cannot tell its runner: %s", error)
            return None
        finally:
            inferred.want(False)
    return None if found == RAY_RUNNER_TYPE else found
