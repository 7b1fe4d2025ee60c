"""`chatkit schema` and `chatkit --version`."""

import json
from importlib.metadata import version
from pathlib import Path

from chatkit_command import chatkit

from chatkit_core.types import json_schema


def test_the_schema_is_printed_as_json(tmp_path: Path) -> None:
    result = chatkit("schema", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == json_schema()
    assert result.stdout.startswith('{\n  "$schema"')


def test_the_schema_can_go_to_a_file_in_one_line(tmp_path: Path) -> None:
    result = chatkit("schema", "--indent", "0", "--output", "schema.json", cwd=tmp_path)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    [line] = (tmp_path / "schema.json").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == json_schema()


def test_the_version_is_the_installed_one(tmp_path: Path) -> None:
    result = chatkit("--version", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (0, f"chatkit {version('chatkit-core')}\n")
