"""The project's commands, `make …` and `.ci/run`, where the machine is not as it should be."""

import os
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parent.parent


def stand_in(folder: Path, name: str, script: str) -> None:
    """Put a program into the folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(*command: str | Path, path: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path}
    environment.pop("MAKEFLAGS", None)
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=30)


def test_make_says_in_one_line_that_python_is_too_old(tmp_path: Path) -> None:
    for name in ["python", "python3", "python3.11", "python3.12", "python3.13"]:
        stand_in(tmp_path, name, "exit 1")
    make = shutil.which("make")
    assert make is not None

    result = run(make, "test", f"VENV={tmp_path / 'venv'}", path=f"{tmp_path}:/usr/bin:/bin")

    assert result.returncode == 2
    assert result.stderr.splitlines()[0] == (
        "Python 3.11 or later is needed, and none of python3.13 python3.12 python3.11 python3 python is that."
    )
    assert not (tmp_path / "venv").exists()


def test_ci_passes_when_every_test_ran_and_shows_the_closing_line(tmp_path: Path) -> None:
    stand_in(tmp_path, "make", '[ "$1" = test ] && echo "12 passed in 3.21s"; exit 0')

    result = run(PROJECT / ".ci/run", path=f"{tmp_path}:{os.environ['PATH']}")

    assert (result.returncode, result.stdout, result.stderr) == (0, "12 passed in 3.21s\n", "")


def test_ci_fails_when_a_test_was_skipped(tmp_path: Path) -> None:
    stand_in(tmp_path, "make", '[ "$1" = test ] && echo "11 passed, 1 skipped in 3.21s"; exit 0')

    result = run(PROJECT / ".ci/run", path=f"{tmp_path}:{os.environ['PATH']}")

    assert result.returncode == 1
    assert result.stdout == "11 passed, 1 skipped in 3.21s\n"


def test_ci_fails_when_the_checks_or_the_tests_fail(tmp_path: Path) -> None:
    for failing in ["check", "test"]:
        stand_in(tmp_path, "make", f'[ "$1" != {failing} ]')
        assert run(PROJECT / ".ci/run", path=f"{tmp_path}:{os.environ['PATH']}").returncode != 0
