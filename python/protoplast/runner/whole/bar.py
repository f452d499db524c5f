"""Shows a whole query that takes a while as one task, where Daft shows the tasks of its queries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from protoplast.seams import daft as daft_seams

logger = logging.getLogger(__name__)

# What the bar says.
_TITLE = "Query on one worker"

# How long a query runs before it has a bar, in seconds. A bar costs short queries more than it tells.
_DELAY_S = 0.5


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """Show a bar while a query runs, unless Daft's bars are off. Called on the event loop.

    The bar is full if the query has succeeded, and never left open. No error of it reaches the query.
    """
    bars: list[Any] = []
    timer = asyncio.get_running_loop().call_later(_DELAY_S, _show, bars)
    try:
        yield
        for bar in bars:
            with contextlib.suppress(Exception):
                bar.update(1)
    finally:
        timer.cancel()
        for bar in bars:
            with contextlib.suppress(Exception):
                bar.close()


def _show(bars: list[Any]) -> None:
    try:
        tqdm = daft_seams.tqdm_of_bars()
        if tqdm is not None:
            bars.append(tqdm(total=1, desc=_TITLE))
    except Exception as error:
        logger.debug("the bar of a whole query could not start: %s", error)
