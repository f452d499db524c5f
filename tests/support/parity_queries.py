"""Queries of every kind that Daft runs, for comparing layouts.

A query takes a folder for its files and returns a DataFrame or a list of rows. A query that needs what
a release of Daft does not have fails there, on stock and patched alike.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS = 60
QUERIES: dict[str, Callable[[Path], Any]] = {}
# Whether a query's rows come in an order that has to be kept.
ORDERED: set[str] = set()


def query(function: Callable[[Path], Any]) -> Callable[[Path], Any]:
    QUERIES[function.__name__] = function
    return function


def ordered(function: Callable[[Path], Any]) -> Callable[[Path], Any]:
    ORDERED.add(function.__name__)
    return query(function)


def given(columns: dict[str, list[Any]], parts: int) -> Any:
    """Return the input of a query, in some partitions. A test may put another function in its place."""
    import daft

    return daft.from_pydict(columns).into_partitions(parts)


def people(parts: int = 6) -> Any:
    """Rows `id`, `group`, `name` and `value`, in some partitions."""
    columns: dict[str, list[Any]] = {
        "id": list(range(ROWS)),
        "group": [row % 7 for row in range(ROWS)],
        "name": [f"name-{row % 11}" for row in range(ROWS)],
        "value": [row * row / 8 for row in range(ROWS)],
    }
    return given(columns, parts)


def groups() -> Any:
    columns: dict[str, list[Any]] = {
        "group": list(range(3, 10)),
        "label": [f"label-{row}" for row in range(7)],
    }
    return given(columns, 3)


def written(folder: Path, kind: str) -> Any:
    """Write and read back."""
    import daft

    target = str(folder / kind)
    getattr(people(), f"write_{kind}")(target)
    return getattr(daft, f"read_{kind}")(f"{target}/*.{kind}")


@query
def scan_parquet(folder: Path) -> Any:
    return written(folder, "parquet")


@query
def scan_csv(folder: Path) -> Any:
    return written(folder, "csv")


@query
def scan_json(folder: Path) -> Any:
    return written(folder, "json")


@query
def filters(_folder: Path) -> Any:
    import daft

    return people().where((daft.col("id") % 3 == 0) & (daft.col("value") > 10.0))


@query
def groupby(_folder: Path) -> Any:
    import daft

    column = daft.col("value")
    return (
        people()
        .groupby("group")
        .agg(column.sum().alias("sum"), column.max().alias("max"), column.count().alias("n"))
    )


@query
def distinct(_folder: Path) -> Any:
    return people().select("name").distinct()


def join(how: str, strategy: str | None) -> Callable[[Path], Any]:
    def joined(_folder: Path) -> Any:
        return people().join(groups(), on="group", how=how, strategy=strategy)

    joined.__name__ = f"join_{how}_{strategy}"
    return joined


for _how in ("inner", "left", "right", "outer", "semi", "anti"):
    query(join(_how, "hash"))
query(join("inner", "sort_merge"))
for _how in ("inner", "left", "right", "semi", "anti"):
    query(join(_how, "broadcast"))


@query
def join_cross(_folder: Path) -> Any:
    return people(2).select("id").join(groups().select("label"), how="cross")


@ordered
def sort(_folder: Path) -> Any:
    return people().sort(["name", "id"], desc=[True, False])


@query
def window(_folder: Path) -> Any:
    import daft

    over = daft.Window().partition_by("group").order_by("id")
    return people().with_column("before", daft.col("value").lag(1).over(over))


@query
def pivot(_folder: Path) -> Any:
    return people().pivot("group", "name", "value", "sum", names=["name-1", "name-2"])


@query
def unpivot(_folder: Path) -> Any:
    return people().unpivot(["id"], ["group", "value"])


@query
def explode(_folder: Path) -> Any:
    return given({"id": [1, 2, 3], "list": [[1, 2], [3], [4, 5, 6]]}, 2).explode("list")


@query
def sample(_folder: Path) -> Any:
    rows = people().sample(0.5, seed=7).to_pydict()["id"]
    # Which rows is chance by partition; that they are rows, and each one once, is not.
    return [{"rows": set(rows) <= set(range(ROWS)) and len(set(rows)) == len(rows)}]


@query
def limit(_folder: Path) -> Any:
    # Collected first: stock Daft 0.7.26 waits for ever on a limit right after into_partitions.
    return [{"rows": len(people().collect().limit(17).to_pydict()["id"])}]


@ordered
def top(_folder: Path) -> Any:
    return people().sort("value", desc=True).limit(5)


@query
def repartition(_folder: Path) -> Any:
    return people().repartition(4, "name")


@query
def into_batches(_folder: Path) -> Any:
    return people().into_batches(9)


@query
def concat(_folder: Path) -> Any:
    return people().concat(people(2))


def shuffled(algorithm: str) -> Callable[[Path], Any]:
    def shuffle(_folder: Path) -> Any:
        import daft

        with daft.execution_config_ctx(shuffle_algorithm=algorithm):
            return people().repartition(5, "group").groupby("name").sum("value").collect()

    shuffle.__name__ = f"shuffle_{algorithm}"
    return shuffle


for _algorithm in ("map_reduce", "flight_shuffle"):
    query(shuffled(_algorithm))
