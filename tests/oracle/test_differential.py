"""One app on both packages: only what `oracle_differences` lists differs, and all of that does.

Both packages get the same ops. What they say is compared byte for byte, once ids and times are masked, and so is what
they store.
"""

import re

import httpx2
import oracle_failures  # noqa: F401  # its scenarios register themselves
import pytest
from oracle_chat import SCENARIOS, Chat, Scenario, compare
from oracle_differences import DIFFERENCES
from oracle_kit import Kit
from oracle_scenarios import a_thread_begins_and_goes_on, lists_and_pages, widgets
from serving import serve

pytestmark = pytest.mark.filterwarnings("ignore:Direct usage of named widget classes")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_only_what_is_meant_to_differ_differs(scenario: Scenario) -> None:
    theirs, ours = Chat(Kit("chatkit")), Chat(Kit("chatkit_core"))
    await scenario(theirs)
    await scenario(ours)
    _, differences = DIFFERENCES.get(scenario.__name__, ("", []))
    assert compare(theirs.lines, ours.lines) == differences
    assert [time for time in ours.times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", time)] == []


def test_every_listed_difference_is_of_a_scenario() -> None:
    assert DIFFERENCES.keys() <= {scenario.__name__ for scenario in SCENARIOS}


@pytest.mark.parametrize(
    "scenario", [a_thread_begins_and_goes_on, widgets, lists_and_pages], ids=lambda scenario: scenario.__name__
)
async def test_over_http_a_client_gets_the_same_bytes(scenario: Scenario) -> None:
    by_process, by_http = Chat(Kit("chatkit_core")), Chat(Kit("chatkit_core"))
    await scenario(by_process)
    async with serve(by_http.server) as url, httpx2.AsyncClient() as client:

        async def post(body: bytes) -> bytes:
            response = await client.post(url, content=body, headers={"Content-Type": "application/json"})
            assert response.status_code == 200
            return response.content

        by_http.ask = post
        await scenario(by_http)
    assert by_http.lines == by_process.lines
