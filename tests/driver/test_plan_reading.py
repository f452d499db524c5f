"""A Ray task reads the footers of files that are not on the driver's disk, so the driver cannot hang."""

from __future__ import annotations

import http.server
import os
import signal
import socket
import threading
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.driver import plan_reading
from protoplast.seams.check import release
from protoplast.seams.optional import SPLITTING
from tests.support.shared_driver import Scenarios

CPUS = 2
ROWS = 1600


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder from a thread of this process, by whichever name it is asked."""

    def __init__(self, folder: str) -> None:
        self.answers = threading.Event()
        self.answers.set()
        super().__init__(("0.0.0.0", 0), partial(Handler, directory=folder))
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.SimpleHTTPRequestHandler):
    """Also answers for a part of a file, as Daft asks for it."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.answers.wait()
        whole = Path(self.translate_path(self.path)).read_bytes()
        start, _, end = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        first = int(start) if start else len(whole) - int(end)
        part = whole[first : int(end) + 1 if start and end else None]
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(whole)}")
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_: Any) -> None: ...


def own_names() -> list[str]:
    """Names and addresses that this machine has besides `localhost`."""
    names = ["127.0.0.1", "0.0.0.0", socket.gethostname()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outwards:
        # Nothing is sent: it only tells by which address this machine would send.
        outwards.connect(("192.0.2.1", 9))
        names.append(outwards.getsockname()[0])
    return sorted(set(names))


def write(folder: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"row": list(range(ROWS))})
    pq.write_table(table, Path(folder, "one.parquet"), row_group_size=ROWS // 16)


def asks_itself(folder: str) -> dict[str, Any]:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    write(folder)
    server = Server(folder)

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(_row: int) -> int:
        time.sleep(0.001)
        return os.getpid()

    def ran(df: Any) -> list[Any]:
        answer = df.select("row", pid(df["row"]).alias("pid")).to_pydict()
        return [sorted(answer["row"]) == list(range(ROWS)), len(set(answer["pid"]))]

    apply_flotilla_patches("per-core")
    found: dict[str, Any] = {"ran": {}}
    for name in own_names():
        df = daft.read_parquet(f"http://{name}:{server.server_port}/one.parquet")
        found["ran"][name] = ran(df)
    # Daft itself reads the footers in the driver when such a query runs, so it is only looked at.
    with daft.execution_config_ctx(
        enable_scan_task_split_and_merge=True,
        scan_tasks_min_size_bytes=1,
        scan_tasks_max_size_bytes=1,
        max_sources_per_scan_task=1,
    ):
        found["own split"] = protoplast.explain(df.select(pid(df["row"]))).hint
    # A query that is left while the server answers no more holds nobody up.
    rows = df.select(pid(df["row"])).iter_rows()
    next(rows)
    server.answers.clear()
    rows.close()
    memory = daft.from_pydict({"row": [1, 2, 3]}).into_partitions(3)
    found["next"] = len(memory.select(pid(memory["row"])).to_pydict()["row"])
    signal.signal(
        signal.SIGALRM, signal.default_int_handler
    )  # Whoever starts a job may ignore SIGINT.
    signal.alarm(3)
    with pytest.raises(KeyboardInterrupt):
        protoplast.explain(df.select(pid(df["row"])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_reading, "_silent_until", 0.0)
        patch.setattr(plan_reading, "ANSWER_TIMEOUT_S", 2.0)
        found["silent"] = protoplast.explain(df.select(pid(df["row"]))).hint
        # Nobody waits in vain again.
        patch.setattr(plan_reading, "ANSWER_TIMEOUT_S", 1000.0)
        found["still silent"] = protoplast.explain(df.select(pid(df["row"]))).hint
    server.answers.set()
    return found


@pytest.mark.skipif(
    release(version("daft")) < release(SPLITTING.since), reason="scans are not split for this Daft"
)
def test_a_server_in_the_drivers_own_process_can_answer(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    """Daft holds the GIL while it reads footers, so that server would never answer it."""
    found = scenarios(asks_itself, str(tmp_path), cpus=CPUS, timeout=100)
    assert len(found["ran"]) >= 3, "by several names"
    for name, ran in found["ran"].items():
        assert ran == [True, CPUS], f"on every core, by {name}"
    assert found["own split"] is None
    assert found["next"] == 3
    assert "because the footers of its files could not be read in time" in found["silent"]
    assert found["still silent"] == found["silent"]
