"""Threads, items and attachments to try a store with."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import AnyUrl

from chatkit_core.store import RESERVED_METADATA_KEY
from chatkit_core.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    Attachment,
    AttachmentUploadDescriptor,
    ClientToolCallItem,
    CustomSummary,
    CustomTask,
    EndOfTurnItem,
    EntitySource,
    FileAttachment,
    GeneratedImage,
    GeneratedImageItem,
    HiddenContextItem,
    ImageAttachment,
    InferenceOptions,
    SDKHiddenContextItem,
    StructuredInputAnswer,
    StructuredInputFreeform,
    StructuredInputItem,
    TaskItem,
    ThoughtTask,
    ThreadItem,
    ThreadMetadata,
    ToolChoice,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
    WidgetItem,
    Workflow,
    WorkflowItem,
)
from chatkit_core.widgets import Card, Text

THEN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
"""When everything here was created: the order of things must not come from the clock."""


def new_id(kind: str) -> str:
    return f"{kind}_{uuid4().hex}"


def new_thread(**fields: Any) -> ThreadMetadata:
    return ThreadMetadata(id=new_id("thr"), created_at=THEN, **fields)


def reserved(**values: Any) -> dict[str, Any]:
    """Thread metadata in which the framework keeps these values."""
    return {RESERVED_METADATA_KEY: values}


def said(thread: ThreadMetadata, text: str, id: str | None = None) -> AssistantMessageItem:
    return AssistantMessageItem(
        id=id or new_id("msg"),
        thread_id=thread.id,
        created_at=THEN,
        content=[AssistantMessageContent(text=text)],
    )


def asked(thread: ThreadMetadata, text: str, *attachments: Attachment) -> UserMessageItem:
    return UserMessageItem(
        id=new_id("msg"),
        thread_id=thread.id,
        created_at=THEN,
        content=[UserMessageTextContent(text=text)],
        attachments=list(attachments),
        inference_options=InferenceOptions(),
    )


def a_file(thread: ThreadMetadata | None = None, id: str | None = None) -> FileAttachment:
    return FileAttachment(
        id=id or new_id("atc"),
        name="façade.txt",
        mime_type="text/plain",
        thread_id=thread and thread.id,
        metadata={"path": "/a", "parts": [1, 2.5, None]},
    )


def an_image() -> ImageAttachment:
    return ImageAttachment(
        id=new_id("atc"),
        name="cat.png",
        mime_type="image/png",
        preview_url=AnyUrl("https://files.example/cat.png?size=small"),
        upload_descriptor=AttachmentUploadDescriptor(
            url=AnyUrl("https://files.example/upload"), method="PUT", headers={"x-token": "t"}
        ),
    )


def one_of_each(thread: ThreadMetadata) -> list[ThreadItem]:
    """An item of every kind, with what makes each hard to keep."""
    base = {"thread_id": thread.id, "created_at": THEN}
    entity = EntitySource(
        title="Ada", id="user_7", label="who", inline_label="Ada L.", interactive=True, data={"a": None}
    )
    return [
        UserMessageItem(
            id="user",
            content=[
                UserMessageTextContent(text="“Grüße” \U0001f44b\u2028\x00 to "),
                UserMessageTagContent(id="user_7", text="@ada", data={"team": {"ids": [7]}}, group="people"),
            ],
            attachments=[a_file(thread), an_image()],
            quoted_text="quoted",
            inference_options=InferenceOptions(model="large", tool_choice=ToolChoice(id="search")),
            **base,
        ),
        AssistantMessageItem(
            id="assistant",
            content=[AssistantMessageContent(text="See Ada.", annotations=[Annotation(source=entity, index=7)])],
            **base,
        ),
        ClientToolCallItem(
            id="call",
            status="completed",
            call_id="call_1",
            name="f",
            arguments={"x": [None]},
            output={"y": 1.5},
            **base,
        ),
        WidgetItem(id="widget", widget=Card(children=[Text(value="hi", streaming=True)]), copy_text="hi", **base),
        GeneratedImageItem(id="image", image=GeneratedImage(id="img", url="data:image/png;base64,AA=="), **base),
        StructuredInputItem(
            id="input",
            status="answered",
            inputs=[
                StructuredInputFreeform(id="q", question="Why?", answer=StructuredInputAnswer(values=["because"])),
            ],
            **base,
        ),
        WorkflowItem(
            id="workflow",
            workflow=Workflow(
                type="reasoning",
                tasks=[ThoughtTask(content="Hm.")],
                summary=CustomSummary(title="Thought"),
                expanded=True,
            ),
            **base,
        ),
        TaskItem(id="task", task=CustomTask(title="Dig", status_indicator="complete"), **base),
        HiddenContextItem(id="hidden", content={"any": ["thing", None]}, **base),
        SDKHiddenContextItem(id="sdk", content="stopped", **base),
        EndOfTurnItem(id="end", **base),
    ]
