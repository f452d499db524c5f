"""Which workers a query would run on, and why."""

from __future__ import annotations

from typing import Any

from protoplast.driver.decisions import Query, plan_and_decide
from protoplast.driver.patch import PATCH, layout_of
from protoplast.driver.recent import Explanation
from protoplast.driver.user_options import USER_OPTIONS
from protoplast.errors import NotInEffectError
from protoplast.seams import daft as daft_seams


def explain(df: Any, layout: Any = None) -> Explanation:
    """Say on which workers a query would run and why, without running it.

    Args:
        df: A Daft DataFrame.
        layout: As for `apply_flotilla_patches`. Where none is given, the one in force, and without one
            that which would be applied.

    Raises:
        LayoutError: It is not a layout.
        UnsupportedDaftError: Daft lacks what the patch relies on.
        NotInEffectError: Ray does not run in this process, or `df` is no DataFrame.
        TaskTooLargeError: A task of the query fits no node, and none may come.
    """
    asked = PATCH.layout if layout is None else None
    if asked is None:
        asked = layout_of(layout)
    if PATCH.layout is None:  # Otherwise they were checked when it was applied.
        daft_seams.load()
    import ray

    if not hasattr(df, "_builder"):
        raise NotInEffectError(f"explain takes a DataFrame of Daft's, not {df!r:.200}")
    if not ray.is_initialized():
        raise NotInEffectError(
            "there is no Ray whose nodes could be planned for; connect to one first, for example with "
            "ray.init() or ray.init(address='auto')"
        )
    query = Query(*daft_seams.plan_of(df), USER_OPTIONS.names)
    return Explanation.of(asked, plan_and_decide(asked, ray, query).decision)
