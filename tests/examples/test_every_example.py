from pathlib import Path

import pytest
from visiting import EXAMPLES

PATHS = sorted(EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_begins_with_how_to_run_it(path: Path) -> None:
    install, run = path.read_text().splitlines()[:2]
    assert install.startswith('# pip install "chatkit-core[serve]"')
    assert run == f"# uvicorn --app-dir examples {path.stem}:app"


def test_every_example_is_run_by_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [path.stem for path in PATHS if f'visiting("{path.stem}"' not in tests] == []
