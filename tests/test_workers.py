"""What tests do in several processes is told as if they ran in one (tests/workers.py)."""

import subprocess
import sys
from pathlib import Path

from tests.program import ROOT

TESTS = """
import os, pathlib, pytest

@pytest.fixture(scope="session")
def kept():
    yield
    pathlib.Path("torn down").touch()

def test_good(kept): pass
def test_bad(kept):
    print("said before it failed")
    assert 1 == 2
def test_passed_over(): pytest.skip("for a reason")
"""
DIES = "import os\ndef test_dies(): os.abort()\n"


def run_tests(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "pytest", "-n", "2", "-p", "no:xdist", "-p", "tests.parallel", *words)
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)


def test_what_comes_of_each_is_told(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "test_others.py").write_text("def test_good(): pass\n")
    done = run_tests(tmp_path)
    assert "1 failed, 2 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert "said before it failed" in done.stdout and "assert 1 == 2" in done.stdout
    assert done.returncode == 1 and (tmp_path / "torn down").exists()


def test_a_worker_that_dies_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(DIES)
    done = run_tests(tmp_path)
    assert "a worker ended with -6 in or after test_it.py::test_dies" in done.stdout
    assert done.returncode == 1
