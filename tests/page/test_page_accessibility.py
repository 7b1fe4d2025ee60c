"""axe-core finds nothing serious in the main states of the page: light, dark, right to left, and narrow."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from browsing import Tab
from playwright.async_api import Browser
from states import MAIN, State, looks, shown


@pytest.mark.timeout(120)
@pytest.mark.parametrize("state", MAIN, ids=lambda state: state.__name__)
async def test_axe_finds_nothing_serious(browser: Browser, tmp_path: Path, state: State) -> None:
    async with shown(browser, tmp_path, state, bypass_csp=True) as tab:
        found = {look: await violations(tab) async for look in looks(tab, state)}
    assert found == {"light": [], "dark": [], "right-to-left": [], "narrow": []}


async def violations(tab: Tab) -> list[str]:
    """Return what is serious or critical."""
    results = await Axe().run(tab.page)
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
