"""Where one may not do all that the tests need, such as in a container, they say so and go on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NEEDS_A_NETWORK = f"{Path(__file__).parent}/test_network.py::test_the_only_node_is_cut_off"


def run_without_rights(ci: str) -> str:
    """Root keeps its number and no right that comes with it."""
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rsE", NEEDS_A_NETWORK],
        env=os.environ | {"CI": ci}, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(("ci", "result"), [("false", "1 skipped"), ("true", "1 error")])
def test_a_network_that_cannot_be_made(ci, result):
    said = run_without_rights(ci)
    assert result in said, said
    assert "making a network is not possible here: " in said, said
