"""A function that is bound to other names sees these, and the original does not."""

from __future__ import annotations

from typing import Any

from protoplast.seams.rebind import rebound


def test_rebound_functions_see_other_names() -> None:
    def outer() -> Any:
        captured = "closure"

        def function(a: str, b: str = "default", *, c: str = "keyword") -> tuple[Any, ...]:
            return (a, b, c, captured, ROOT_NAME)

        return function

    original = outer()
    assert rebound(original, {"ROOT_NAME": "theirs"})("a") == (
        "a",
        "default",
        "keyword",
        "closure",
        "theirs",
    )
    assert original("a")[-1] == "ours"


ROOT_NAME = "ours"
