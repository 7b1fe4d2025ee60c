"""Pictures of the main states, for people to look at; and nothing is wider than the window."""

from pathlib import Path

import pytest
from playwright.async_api import Browser
from states import MAIN, State, looks, shown

SCREENS = Path(__file__).parents[2] / "build/screens"

TOO_WIDE = """() => {
    const main = document.querySelector("chatkit-chat").shadowRoot.querySelector(".main");
    return [document.scrollingElement, main]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ tagName, scrollWidth, clientWidth }) => `${tagName}: ${scrollWidth} in ${clientWidth}`);
}"""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("state", MAIN, ids=lambda state: state.__name__)
async def test_the_page_fits_its_window(browser: Browser, tmp_path: Path, state: State) -> None:
    wide: dict[str, list[str]] = {}
    async with shown(browser, tmp_path, state, viewport={"width": 1280, "height": 800}) as tab:
        async for look in looks(tab, state):
            picture = SCREENS / f"{state.__name__}-{look}.png"
            picture.unlink(missing_ok=True)
            await tab.page.screenshot(path=picture)
            assert picture.stat().st_size > 5_000
            wide[look] = await tab.page.evaluate(TOO_WIDE)
    assert wide == {"light": [], "dark": [], "right-to-left": [], "narrow": []}
