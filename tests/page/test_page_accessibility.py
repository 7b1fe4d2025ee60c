"""axe-core finds nothing serious in the main states of the page: light, dark, right to left, and narrow."""

import subprocess
import tarfile
from pathlib import Path

import pytest
from browsing import Tab
from playwright.async_api import Browser
from states import MAIN, State, looks, shown


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, as npm has it."""
    folder = tmp_path_factory.mktemp("axe")
    try:
        subprocess.run(["npm", "pack", "--silent", "axe-core@4.14.1"], cwd=folder, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"axe-core cannot be fetched with npm: {error}")
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        file = package.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("state", MAIN, ids=lambda state: state.__name__)
async def test_axe_finds_nothing_serious(browser: Browser, axe: str, tmp_path: Path, state: State) -> None:
    async with shown(browser, tmp_path, state, bypass_csp=True) as tab:
        await tab.page.evaluate(axe)
        found = {look: await violations(tab) async for look in looks(tab, state)}
    assert found == {"light": [], "dark": [], "right-to-left": [], "narrow": []}


async def violations(tab: Tab) -> list[str]:
    """Return what is serious or critical."""
    return await tab.page.evaluate(
        """async () => (await axe.run()).violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => {
                const reasons = [...any, ...all, ...none].map(({ message }) => message);
                return `${id}: ${target.flat().join(" ")}: ${reasons.join("; ")}`;
            }))"""
    )
