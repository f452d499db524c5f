"""The messages that the documentation quotes are those of the code, word for word."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.support.process import ROOT

# What differs from one message to the next, in the documentation.
_PLACEHOLDER = re.compile(r"<[^>]*>")


def source() -> str:
    """The text of the code, with literals that go on in the next line joined and values left out."""
    files = itertools.chain(
        (ROOT / "python").rglob("*.py"), *(c.rglob("*.rs") for c in ROOT.glob("crates/*/src"))
    )
    text = "\n".join(file.read_text() for file in files)
    text = re.sub(r"\"\s*\n\s*f?[\"']|\\\n\s*", "", text)
    return re.sub(r"\{[^{}]*\}|%[sd]", "\0", text)


def quoted() -> list[str]:
    return re.findall(r"^> (.*)$", (ROOT / "docs" / "troubleshooting.md").read_text(), re.M)


@pytest.fixture(scope="module")
def text() -> str:
    return source()


@pytest.mark.parametrize("message", quoted())
def test_a_quoted_message_is_in_the_code(message: str, text: str) -> None:
    parts = [part.strip(" '") for part in _PLACEHOLDER.split(message)]
    assert any(parts), "a quote of placeholders alone says nothing"
    for part in parts:
        assert part in text
