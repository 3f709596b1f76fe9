"""`./dev bench` measures a real server; here only that it does, and tells, what it should."""

import json
import os
import subprocess
from pathlib import Path

BENCH = Path(__file__).parents[2] / "build" / "release" / "bench" / "http_bench"


def bench(folder: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(BENCH), *options], cwd=folder, timeout=240, check=False,
                          capture_output=True, text=True,
                          env={**os.environ, "ONSALE_BENCH_DIR": str(folder)})


def test_rows_are_measured_and_compared(tmp_path):
    before = {"machine": "another", "at": "2026-01-01T00:00:00Z", "version": "0", "connections": 8,
              "rows": [{"store": "SQLite", "name": "1,000 want one seat", "per_second": 1.0,
                        "of_livez": 0.001, "errors": 0}]}
    (tmp_path / "before.json").write_text(json.dumps(before))
    done = bench(tmp_path, "--store", "sqlite", "--only", "one seat", "--rounds", "1",
                 "--round-ms", "60", "--json", "now.json", "--against", "before.json")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "now.json").read_text())
    [row] = figures["rows"]
    assert (row["store"], row["name"]) == ("SQLite", "1,000 want one seat")
    assert row["errors"] == 0, "one winner for each seat, and nobody gets a 5xx"
    assert row["per_second"] > 0 and row["cpu_us"] > 0 and row["mebibytes"] > 0
    assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["p999_ms"]
    [line] = [line for line in done.stdout.splitlines() if "one seat" in line]
    assert line.count("+") == 2, "both faster than one a second was"
    assert not list(tmp_path.glob("onsale-bench-*")), "the databases are gone"


def test_what_is_no_earlier_run_is_refused(tmp_path):
    (tmp_path / "other.json").write_text("[]")
    for file, why in (("none.json", "cannot be read"), ("other.json", "is not of this program")):
        done = bench(tmp_path, "--against", file)
        assert done.returncode == 1 and f"{file} {why}" in done.stderr
