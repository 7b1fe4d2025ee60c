"""I8: which id an item gets. Each case is what `respond` yields, and the id that the item then has."""

import pytest

from chatkit_core.engine.id_map import IdMap
from chatkit_core.types import AssistantMessageContent, AssistantMessageItem, ThreadItem, utc_now

NOW = utc_now()

CASES = {
    "an id that this turn minted is kept": ["added mine -> mine", "done mine a -> mine", "done mine b -> mine"],
    "a minted id is kept without having been added": ["done mine -> mine", "replaced mine -> mine", "id mine -> mine"],
    "an item of the thread keeps its id": [
        "done stored -> stored",
        "replaced stored -> stored",
        "added stored -> stored",
    ],
    "any other id gets a new one, from added to done": [
        "added fake -> new-1",
        "id fake -> new-1",
        "done fake a -> new-1",
        "id fake -> new-1",
    ],
    "a repeated id names a new item each time it is added": [
        "added __fake_id__ -> new-1",
        "done __fake_id__ a -> new-1",
        "added __fake_id__ -> new-2",
        "done __fake_id__ a -> new-2",
        "id __fake_id__ -> new-2",
    ],
    "added twice before it is done, the last one is meant": [
        "added fake -> new-1",
        "added fake -> new-2",
        "done fake a -> new-2",
    ],
    "done twice with the same content is one item": ["done fake a -> new-1", "done fake a -> new-1"],
    "done twice after being added is one item": [
        "added fake -> new-1",
        "done fake a -> new-1",
        "done fake a -> new-1",
    ],
    "done with another content is another item": [
        "done fake a -> new-1",
        "done fake b -> new-2",
        "id fake -> new-2",
        "done fake b -> new-2",
    ],
    "replaced only": ["replaced fake a -> new-1", "replaced fake b -> new-1", "id fake -> new-1"],
    "replaced after done is the same item": ["done fake a -> new-1", "replaced fake b -> new-1"],
    "added, replaced, and said done is one item": [
        "added fake -> new-1",
        "replaced fake a -> new-1",
        "done fake a -> new-1",
    ],
    "replaced, then another is done": [
        "replaced fake a -> new-1",
        "done fake b -> new-2",
    ],
    "two ids at a time": [
        "added fake -> new-1",
        "added other -> new-2",
        "done fake a -> new-1",
        "done other a -> new-2",
    ],
    "an id that nothing was given stands for itself": ["id unheard -> unheard"],
    "an id that is mapped is not looked up again": ["added fake -> new-1", "stored fake", "done fake a -> new-1"],
    "an id of this turn's new item, which is in the thread by now, is kept": [
        "added fake -> new-1",
        "stored new-1",
        "done new-1 a -> new-1",
    ],
}


def item(id: str, text: str) -> ThreadItem:
    content = [AssistantMessageContent(text=text)]
    return AssistantMessageItem(id=id, thread_id="thr_1", created_at=NOW, content=content)


@pytest.mark.parametrize("steps", CASES.values(), ids=CASES.keys())
async def test_ids(steps: list[str]) -> None:
    in_thread = {"stored"}
    minted = {"mine"}
    made: list[str] = []

    async def is_in_thread(id: str) -> bool:
        return id in in_thread

    def mint(item: ThreadItem) -> str:
        made.append(f"new-{len(made) + 1}")
        minted.add(made[-1])
        return made[-1]

    ids = IdMap(minted, is_in_thread, mint)
    for step in steps:
        what, _, wanted = step.partition(" -> ")
        match what.split():
            case "added", id:
                assert await ids.added(item(id, "")) == wanted, step
            case "done", id, *text:
                assert await ids.done(item(id, "".join(text))) == wanted, step
            case "replaced", id, *text:
                assert await ids.replaced(item(id, "".join(text))) == wanted, step
            case "id", id:
                assert ids.existing(id) == wanted, step
            case "stored", id:
                in_thread.add(id)


async def test_the_store_is_asked_once_for_an_item_of_the_thread_and_never_for_a_minted_id() -> None:
    asked: list[str] = []

    async def is_in_thread(id: str) -> bool:
        asked.append(id)
        return id == "stored"

    ids = IdMap({"mine"}, is_in_thread, lambda item: "new")
    for id in ("mine", "stored", "stored", "mine"):
        await ids.done(item(id, ""))

    assert asked == ["stored"]
