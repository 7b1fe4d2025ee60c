"""Tasks, the visible steps of the assistant's work, and workflows, which group them."""

from typing import Annotated, Literal

from pydantic import Field

from chatkit_core.icons import IconName
from chatkit_core.types._base import WireModel
from chatkit_core.types.content import FileSource, URLSource


class BaseTask(WireModel):
    """What every task has."""

    status_indicator: Literal["none", "loading", "complete"] = "none"
    """How far the task is; shown only inside a workflow."""


class CustomTask(BaseTask):
    """A step with a title, icon and text of the app's own."""

    type: Literal["custom"] = "custom"
    title: str | None = None
    icon: IconName | None = None
    content: str | None = None
    """Markdown."""


class SearchTask(BaseTask):
    """A search of the web."""

    type: Literal["web_search"] = "web_search"
    title: str | None = None
    title_query: str | None = None
    """The query to show in the title's place."""
    queries: list[str] = Field(default_factory=list)
    sources: list[URLSource] = Field(default_factory=list)
    """What the search found."""


class ThoughtTask(BaseTask):
    """A stretch of the assistant's reasoning."""

    type: Literal["thought"] = "thought"
    title: str | None = None
    content: str
    """Markdown."""


class FileTask(BaseTask):
    """Work on files."""

    type: Literal["file"] = "file"
    title: str | None = None
    sources: list[FileSource] = Field(default_factory=list)


class ImageTask(BaseTask):
    """Work on an image."""

    type: Literal["image"] = "image"
    title: str | None = None


Task = Annotated[
    CustomTask | SearchTask | ThoughtTask | FileTask | ImageTask,
    Field(discriminator="type"),
]
"""Any task."""


class CustomSummary(WireModel):
    """Sums a workflow up in words."""

    title: str
    icon: IconName | None = None


class DurationSummary(WireModel):
    """Sums a workflow up by the time it took."""

    duration: int
    """Seconds."""


WorkflowSummary = CustomSummary | DurationSummary
"""What a finished workflow shows in place of its tasks."""


class Workflow(WireModel):
    """Tasks in the order they were begun."""

    type: Literal["custom", "reasoning"]
    tasks: list[Task]
    summary: WorkflowSummary | None = None
    """Absent while the workflow is open."""
    expanded: bool = False
    """Whether the tasks are shown without a click."""
