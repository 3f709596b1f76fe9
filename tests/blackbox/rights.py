"""Tests that need more of the machine than a user has: a network or a disk of their own."""

import os
from typing import NoReturn

import pytest


def not_possible_here(what: str, why: str) -> NoReturn:
    """Skips a test. On the machine that decides whether a change is good (`CI` is "true" there, and
    .ci/run sets it) nothing may be left out: there it fails."""
    text = f"{what} is not possible here: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{text}; with CI=true that is an error", pytrace=False)
    pytest.skip(text)
