"""A query's configuration reaches the worker that runs it whole, and Daft explains it as on stock."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import apply, ran_whole, read, write
from tests.support.shared_driver import Scenarios

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(WHOLE_PLANS.since),
    reason="no worker of this Daft runs a whole query",
)

CPUS = 2
ROWS = 1000
ROWS_AT_ONCE = 100


class Files(SimpleHTTPRequestHandler):
    """Serves files to who has the token."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == "Bearer of this test":
            super().do_GET()
        else:
            self.send_error(403)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def configured(folder: str) -> Any:
    """What reaches the worker, on stock and under `auto`, and whether one worker ran each query.

    Returns:
        For both: the rows that only who has the token of the planning config can read, and the batches
        in which the worker returns rows, as the execution config asks for.
    """
    import daft
    import ray
    from daft.io import HTTPConfig, IOConfig

    write(Path(folder))
    found = []
    token = IOConfig(http=HTTPConfig(bearer_token="of this test"))
    with served(Path(folder)) as address:
        for layout in (None, "auto"):
            if layout:
                apply(layout)
            with daft.planning_config_ctx(default_io_config=token):
                rows = daft.read_json(f"{address}/json/0.jsonl")
            rows = rows.where(daft.col("key") == 3)
            answer: list[Any] = [rows.count_rows()]
            is_whole = [layout is None or ran_whole()]
            numbers = daft.from_pydict({"a": list(range(ROWS))}).with_column("b", daft.col("a") + 1)
            with daft.execution_config_ctx(default_morsel_size=ROWS_AT_ONCE):
                for of in numbers.where(daft.col("b") > 0).iter_partitions():
                    answer += [len(batch) for batch in ray.get(of).get_record_batches()]
            is_whole.append(layout is None or ran_whole())
            found.append([answer, is_whole])
    return found


def test_both_configs_reach_the_worker(scenarios: Scenarios, tmp_path: Path) -> None:
    (stock, _), (ours, is_whole) = scenarios(configured, str(tmp_path), cpus=CPUS)
    assert is_whole == [True, True]
    assert ours == stock
    rows, *batches = ours
    assert rows > 0
    assert batches == [ROWS_AT_ONCE] * (ROWS // ROWS_AT_ONCE)


def explained(folder: str) -> Any:
    """What `DataFrame.explain` prints of a query before and after it ran, on stock and under `auto`."""
    from protoplast.driver.recent import RECENT

    write(Path(folder))
    found = []
    for layout in (None, "auto"):
        if layout:
            apply(layout)
        rows = read(Path(folder)).groupby("key").count("id").sort("key")
        texts = [_text(rows)]
        assert not RECENT
        rows = rows.collect()
        assert layout is None or ran_whole()
        texts.append(_text(rows))
        found.append(texts)
    return found


def _text(rows: Any) -> str:
    text = io.StringIO()
    rows.explain(show_all=True, file=text)
    # A collected result has at most a partition for each slot.
    return re.sub(r"Number of partitions = \d+", "", text.getvalue())


def test_daft_explains_what_it_explains_on_stock(scenarios: Scenarios, tmp_path: Path) -> None:
    stock, ours = scenarios(explained, str(tmp_path), cpus=CPUS)
    assert ours == stock
    before, after = ours
    assert "Physical Plan" in before
    assert "Result is cached" in after
