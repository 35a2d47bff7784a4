"""Where the project lies, for tests of what is around the package and for programs they run."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent


def document(name: str) -> str:
    """The text of a document, by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")
