"""The built wheel is enough: `tally prevalence` runs from it without Django, a database driver or this checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.tally.conftest import REPOSITORY

BARRED = """
import sys

class Barred:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"django", "psycopg", "kalkan", "pandas", "polars", "pyarrow", "statsmodels"}:
            raise ImportError(name + " is not installed here")

sys.meta_path.insert(0, Barred())
"""


def test_the_command_runs_from_the_wheel_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        entries = archive.read(next(n for n in archive.namelist() if n.endswith("entry_points.txt"))).decode()
    assert "tally = tally.cli:main" in entries
    (site / "sitecustomize.py").write_text(BARRED)
    table = site / "tally" / "prevalence" / "tables" / "Korea.csv"
    run = subprocess.run(
        [sys.executable, "-c", "from tally.cli import main; main()", "prevalence", str(table), "--json",
         "--method", "stepwise", "--no-sensitivity", "--replicates", "200", "--report", "r.pdf",
         "--checkpoints", "kept"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert round(told["methods"]["stepwise"]["estimate"], 2) == 268.78
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
