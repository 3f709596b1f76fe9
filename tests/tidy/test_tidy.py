"""The repository checks itself: every rule on every file that is tracked or could be."""

import pathlib
import subprocess

import pytest

import tidy_checks

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text_files():
    """{path: text} of all files that are tracked, or new and not ignored."""
    # A checkout owned by somebody else, as in many CI containers, is still readable.
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z",
         "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True).stdout.decode()
    files = {}
    for path in sorted(set(filter(None, listed.split("\0")))):
        if (ROOT / path).is_file():
            content = (ROOT / path).read_bytes()
            # A binary file counts as there (links may lead to it) but has no text.
            files[path] = "" if b"\0" in content else content.decode("utf-8", "replace")
    return files


@pytest.fixture(scope="module")
def files():
    return text_files()


def test_the_repository_is_found(files):
    for path in ("CMakeLists.txt", "src/CMakeLists.txt", "tests/tidy/test_tidy.py"):
        assert path in files


@pytest.mark.parametrize("check", tidy_checks.ALL, ids=lambda check: check.__name__)
def test_repository(check, files):
    problems = check(files)
    assert not problems, "\n" + "\n".join(problems)
