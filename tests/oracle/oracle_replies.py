"""What apps reply with, written once for both packages: `kit` has the package's names."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from oracle_kit import Kit

NOW = datetime(2025, 5, 4, 3, 2, 1, tzinfo=UTC)


def own(kit: Kit, thread: Any, kind: str = "message") -> dict[str, Any]:
    """Return what every item begins with."""
    return {"id": kit.default_generate_id(kind), "thread_id": thread.id, "created_at": NOW}


def message_item(kit: Kit, thread: Any, *texts: str) -> Any:
    content = [kit.AssistantMessageContent(text=text) for text in texts]
    return kit.AssistantMessageItem(**own(kit, thread), content=content)


def updated(kit: Kit, item: Any, update: Any) -> Any:
    return kit.ThreadItemUpdatedEvent(item_id=item.id, update=update)


def delta(kit: Kit, item: Any, text: str, index: int = 0) -> Any:
    return updated(kit, item, kit.AssistantMessageContentPartTextDelta(content_index=index, delta=text))


async def nothing(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    return
    yield


async def hello(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "Hello."))


async def echo(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    """Repeat everything of the message, as the app sees it."""
    said = "nothing" if message is None else message.model_dump_json(exclude={"id", "thread_id", "created_at"})
    yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, said))


def streaming(*deltas: str) -> Any:
    """Return a reply that streams a message."""

    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        item = message_item(kit, thread)
        yield kit.ThreadItemAddedEvent(item=item)
        content = kit.AssistantMessageContent(text="")
        yield updated(kit, item, kit.AssistantMessageContentPartAdded(content_index=0, content=content))
        for text in deltas:
            yield delta(kit, item, text)
        content = kit.AssistantMessageContent(text="".join(deltas))
        yield updated(kit, item, kit.AssistantMessageContentPartDone(content_index=0, content=content))
        yield kit.ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))

    return reply


def failing(error: Any, *deltas: str) -> Any:
    """Return a reply that streams some text and raises `error(kit)`."""

    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        if deltas:
            item = message_item(kit, thread)
            yield kit.ThreadItemAddedEvent(item=item)
            for text in deltas:
                yield delta(kit, item, text)
        raise error(kit)

    return reply


async def annotated(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    sources = [
        kit.URLSource(title="A page", url="https://a.test/?q=1&r=<2>", attribution="A", timestamp="2025", group="g"),
        kit.FileSource(title="A file", filename="a.pdf", description="described"),
        kit.EntitySource(title="A thing", id="ent_1", icon="star", data={"k": "v"}, interactive=True),
    ]
    annotations = [kit.Annotation(source=source, index=index) for index, source in enumerate(sources)]
    item = message_item(kit, thread, "See these.")
    yield kit.ThreadItemAddedEvent(item=item)
    for index, annotation in enumerate(annotations):
        added = kit.AssistantMessageContentPartAnnotationAdded(
            content_index=0, annotation_index=index, annotation=annotation
        )
        yield updated(kit, item, added)
    content = kit.AssistantMessageContent(text="See these.", annotations=annotations)
    yield kit.ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))


def tool_call(kit: Kit, thread: Any, name: str = "pick_colour") -> Any:
    return kit.ThreadItemDoneEvent(
        item=kit.ClientToolCallItem(
            **own(kit, thread, "tool_call"), call_id="call_1", name=name, arguments={"of": ["red", None, 1.5]}
        )
    )


async def asks_the_client(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    yield tool_call(kit, thread)


async def asks_the_user(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    options = [kit.StructuredInputMultipleChoiceOption(value=value) for value in ("S", "M", "L")]
    inputs = [
        kit.StructuredInputMultipleChoice(id="size", question="Which size?", options=options),
        kit.StructuredInputMultipleChoice(id="more", question="Others too?", options=options, multiple=True),
        kit.StructuredInputFreeform(id="name", question="Your name?", description="As on your card"),
        kit.StructuredInputFreeform(id="note", question="Anything else?"),
    ]
    yield kit.ThreadItemDoneEvent(item=kit.StructuredInputItem(**own(kit, thread), inputs=inputs))


def card(kit: Kit, text: str, *, streaming: bool | None = None) -> Any:
    action = kit.ActionConfig(type="pick", payload={"n": 1})
    return kit.Card(
        children=[
            kit.Text(id="text", value=text, streaming=streaming),
            kit.Row(children=[kit.Button(label="Pick", onClickAction=action), kit.Badge(label="new")]),
        ]
    )


async def shows_a_card(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    async for event in kit.stream_widget(thread, card(kit, "Pick one."), copy_text="copied"):
        yield event


async def streams_a_card(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    async def states() -> AsyncIterator[Any]:
        yield card(kit, "", streaming=True)
        yield card(kit, "Pick", streaming=True)
        yield card(kit, "Pick one.", streaming=False)
        yield kit.Card(children=[kit.Title(value="Picked")])

    async for event in kit.stream_widget(thread, states()):
        yield event


async def works(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    """A workflow with a task of each type, one of which changes."""
    page = kit.URLSource(title="A page", url="https://a.test")
    tasks = [
        kit.CustomTask(title="Plan", icon="notebook", content="1. 2. 3.", status_indicator="loading"),
        kit.SearchTask(title="Search", title_query="q", queries=["a", "b"], sources=[page]),
        kit.ThoughtTask(title="Think", content="Hm."),
        kit.FileTask(title="Read", sources=[kit.FileSource(title="a", filename="a.txt")]),
        kit.ImageTask(title="Draw"),
    ]
    item = kit.WorkflowItem(
        **own(kit, thread, "workflow"), workflow=kit.Workflow(type="custom", tasks=[], expanded=True)
    )
    yield kit.ThreadItemAddedEvent(item=item)
    for index, task in enumerate(tasks):
        yield updated(kit, item, kit.WorkflowTaskAdded(task_index=index, task=task))
    tasks[0] = tasks[0].model_copy(update={"status_indicator": "complete"})
    yield updated(kit, item, kit.WorkflowTaskUpdated(task_index=0, task=tasks[0]))
    summary = kit.CustomSummary(title="Done", icon="check")
    workflow = kit.Workflow(type="custom", tasks=tasks, summary=summary, expanded=False)
    yield kit.ThreadItemDoneEvent(item=item.model_copy(update={"workflow": workflow}))


async def passes_things_on(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    """Every event that is about no item."""
    yield kit.ProgressUpdateEvent(text="Looking …", icon="search")
    yield kit.ProgressUpdateEvent(text="Found.")
    yield kit.NoticeEvent(level="warning", message="Be **careful**.", title="Mind")
    yield kit.NoticeEvent(level="info", message="No title.")
    yield kit.ClientEffectEvent(name="confetti", data={"colours": ["red", None], "n": {"m": 1.0}})
    yield kit.StreamOptionsEvent(stream_options=kit.StreamOptions(allow_cancel=False))
    yield kit.ErrorEvent(code="custom", message="Told, not raised.", allow_retry=False)


async def makes_items(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    """The item types that no other reply has, replacing, removing, and saying done twice."""
    image = kit.GeneratedImageItem(**own(kit, thread))
    yield kit.ThreadItemAddedEvent(item=image)
    for number, progress in enumerate((0.5, None)):
        update = kit.GeneratedImageUpdated(image=kit.GeneratedImage(id="img", url=f"data:,{number}"), progress=progress)
        yield updated(kit, image, update)
    shown = kit.GeneratedImage(id="img", url="data:,1")
    yield kit.ThreadItemDoneEvent(item=image.model_copy(update={"image": shown}))
    task = kit.TaskItem(**own(kit, thread, "task"), task=kit.ThoughtTask(content="Hm."))
    yield kit.ThreadItemDoneEvent(item=task)
    yield kit.ThreadItemReplacedEvent(item=task.model_copy(update={"task": kit.ThoughtTask(content="Ah.")}))
    text = message_item(kit, thread, "Gone soon.")
    yield kit.ThreadItemDoneEvent(item=text)
    yield kit.ThreadItemDoneEvent(item=text)
    yield kit.ThreadItemRemovedEvent(item_id=text.id)
    yield kit.ThreadItemDoneEvent(item=kit.EndOfTurnItem(**own(kit, thread)))


async def notes(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    """Hidden items among visible ones."""
    yield kit.ThreadItemDoneEvent(item=kit.HiddenContextItem(**own(kit, thread), content={"secret": [1]}))
    yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "Seen."))
    hidden = kit.SDKHiddenContextItem(**own(kit, thread, "sdk_hidden_context"), content="secret")
    yield kit.ThreadItemDoneEvent(item=hidden)


async def changes_the_thread(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
    thread.title = "A title"
    yield kit.ProgressUpdateEvent(text="titled")
    thread.metadata["plan"] = {"steps": 2}
    yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "metadata"))
    thread.allowed_image_domains = ["a.test"]
    yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "domains"))
    thread.status = kit.LockedStatus(reason="Enough.")
    yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "locked"))
    thread.status = kit.ActiveStatus()
    thread.title = "Another title"
