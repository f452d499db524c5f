"""A UDF over every comment of orders first, then a groupby of what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.workloads.mixed.plan import MixedPlan
from bench.workloads.native import tpch_tables
from bench.workloads.workload import UdfOptions

if TYPE_CHECKING:
    import daft


def longest_word(comment: str) -> str:
    """Return the longest word of a comment, and the first one if several are equally long."""
    words = [word.strip(".,;:?!'-") for word in comment.split()]
    return max(words, key=len, default="")


class UdfFirst(MixedPlan):
    """Orders by the longest word of their comments."""

    @property
    def name(self) -> str:
        return "udf_first"

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft

        longest = daft.func(longest_word, return_dtype=daft.DataType.string(), **udf_options)
        orders = tpch_tables.read(self.sizes)["orders"]
        orders = orders.with_column("word", longest(orders["o_comment"]))
        counts = orders.groupby("word").agg(
            orders["o_orderkey"].count().alias("orders"),
            orders["o_totalprice"].sum().alias("price"),
        )
        return counts.sort("word")
