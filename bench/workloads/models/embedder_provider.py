"""The provider through which Daft's `embed_text` uses the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import daft
from daft.ai.protocols import TextEmbedder, TextEmbedderDescriptor
from daft.ai.provider import Provider
from daft.ai.typing import EmbeddingDimensions

from bench.workloads.models.embedder import DIMENSIONS, Embedder

NAME = "wordllama"


@dataclass(frozen=True)
class EmbedderDescriptor(TextEmbedderDescriptor):
    """What is sent to a worker, which loads the model."""

    log: str
    concurrency: int | None

    def get_provider(self) -> str:
        return NAME

    def get_model(self) -> str:
        return NAME

    def get_options(self) -> dict[str, Any]:
        return {"concurrency": self.concurrency}

    def get_dimensions(self) -> EmbeddingDimensions:
        return EmbeddingDimensions(DIMENSIONS, daft.DataType.float32())

    def instantiate(self) -> TextEmbedder:
        return Embedder(self.log)


@dataclass(frozen=True)
class EmbedderProvider(Provider):
    """A provider for Daft's functions.

    Args:
        log: The log of the turn.
        concurrency: How many instances Daft may have at once, or None.
    """

    log: str
    concurrency: int | None

    @property
    def name(self) -> str:
        return NAME

    def get_text_embedder(
        self, model: str | None = None, dimensions: int | None = None, **options: Any
    ) -> TextEmbedderDescriptor:
        assert model is None
        assert dimensions is None
        assert not options
        return EmbedderDescriptor(self.log, self.concurrency)
