"""Answers requests about a cluster: each request and each answer is one line of JSON."""

from __future__ import annotations

import json
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from protoplast import _core
from protoplast.cluster_client.attach import attach
from protoplast.cluster_client.check_up import here, nodes
from protoplast.cluster_client.failure import UnreachableError
from protoplast.cluster_client.fleets import fleets
from protoplast.errors import ProtoplastError
from protoplast.worker.node_facts import with_facts

# How long the process may take to leave the cluster when the command has closed the channel, in seconds.
_LEAVE_LIMIT_S = 2.0


def serve(descriptor: int, address: str | None) -> None:
    """Answer requests until the command closes the channel.

    Args:
        descriptor: The file descriptor of the channel.
        address: The address of the cluster, or None for the cluster that Ray finds by itself.
    """
    channel = socket.socket(fileno=descriptor)
    channel.set_inheritable(False)
    requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(channel, requests), daemon=True).start()
    cluster = Cluster(address)
    while (line := requests.get()) is not None:
        answer = cluster.answer(json.loads(line))
        channel.sendall(json.dumps(answer, default=str).encode() + b"\n")
    cluster.leave()


def _read(channel: socket.socket, requests: queue.SimpleQueue[bytes | None]) -> None:
    with channel.makefile("rb") as lines:
        for line in lines:
            requests.put(line)
    requests.put(None)
    # The command has gone, so nobody waits for an unfinished answer.
    time.sleep(_LEAVE_LIMIT_S)
    os._exit(0)


class Cluster:
    """A cluster, which the first question about it joins.

    Args:
        address: The address of the cluster, or None for the cluster that Ray finds by itself.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._ray: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request, in the shape that Rust reads.

        Args:
            request: What to `ask`, and its arguments.
        """
        asked: dict[str, Callable[..., Any]] = {
            "nodes": self._nodes,
            "fleets": self._fleets,
            "here": self._here,
            "check-up": self._check_up,
        }
        try:
            return {"found": asked[request.pop("ask")](**request)}
        except UnreachableError as error:
            return error.payload
        except Exception as error:
            if isinstance(error, ProtoplastError):
                message = str(error)
            else:
                message = f"{type(error).__name__}: {error}"
            return UnreachableError("unreported", self._address or "auto", message).payload

    def leave(self) -> None:
        """Leave the cluster."""
        if self._ray is not None:
            self._ray.shutdown()

    def _joined(self) -> Any:
        if self._ray is None:
            self._ray = attach(self._address)
        return self._ray

    def _nodes(self, layout: str) -> Any:
        ray = self._joined()
        return with_facts(_core.Layout.parse(layout), ray.nodes(), ray)

    def _fleets(self) -> Any:
        return fleets(self._joined())

    def _here(self) -> Any:
        return here()

    def _check_up(self) -> Any:
        return nodes(self._joined())
