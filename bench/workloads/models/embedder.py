"""A small real model for embeddings: WordLlama, which comes with its weights in its package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.workloads.models import loads

DIMENSIONS = 256


class Embedder:
    """The loaded model.

    Args:
        log: The log of the turn.
    """

    def __init__(self, log: str) -> None:
        loads.record(log, loads.LOADED)
        import wordllama

        # Its loader looks for the tokenizer, which is in the package, only in a cache.
        package = Path(wordllama.__file__).parent
        self.model = wordllama.WordLlama.load(cache_dir=package, disable_download=True)
        self.log = log
        self.is_called = False

    def embed_text(self, text: list[str]) -> list[Any]:
        if not self.is_called:
            self.is_called = True
            loads.record(self.log, loads.CALLED)
        return list(self.model.embed(text))
