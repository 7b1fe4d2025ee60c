"""A widget while it is streamed: components are found by their id, text gathers in buffers. No I/O."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

from chatkit_core.errors import InvalidEventError
from chatkit_core.widgets import WidgetComponent, WidgetComponentBase, WidgetRoot


class WidgetTree:
    """A copy of a widget that can be changed; nothing is copied before the first change."""

    def __init__(self, root: WidgetRoot) -> None:
        self._root = root
        self._by_id: dict[str, WidgetComponentBase] | None = None
        self._texts: dict[str, StringIO] = {}

    def append_text(self, component_id: str, delta: str, *, done: bool) -> None:
        """Append to a component's `value`; `done` ends its `streaming`."""
        component = self._find(component_id)
        text = self._texts.get(component_id)
        if text is None:
            value = getattr(component, "value", None)
            if not isinstance(value, str):
                raise InvalidEventError(f"Component {component_id!r} has no text to append to.")
            text = self._texts[component_id] = StringIO()
            text.write(value)
        text.write(delta)
        if done:
            _set(component, "streaming", False)

    def replace(self, component_id: str, component: WidgetComponent) -> None:
        """Put another component in the place of the one with this id."""
        if self._find(component_id) is self._root:
            raise InvalidEventError(f"Component {component_id!r} is the widget's root: it is replaced as a root.")
        self._flush_texts()
        _replace_below(self._root, component_id, component.model_copy(deep=True))
        self._by_id = _index(self._root)

    def build(self) -> WidgetRoot:
        """Return the widget as it is now; what is applied later does not change it."""
        self._flush_texts()
        if self._by_id is None:
            return self._root
        return self._root.model_copy(deep=True)

    def _find(self, component_id: str) -> WidgetComponentBase:
        if self._by_id is None:
            self._root = self._root.model_copy(deep=True)
            self._by_id = _index(self._root)
        try:
            return self._by_id[component_id]
        except KeyError:
            raise InvalidEventError(f"The widget has no component {component_id!r}.") from None

    def _flush_texts(self) -> None:
        for component_id, text in self._texts.items():
            _set(self._find(component_id), "value", text.getvalue())
        self._texts.clear()


def _set(component: WidgetComponentBase, field: str, value: Any) -> None:
    """Set a field, if the component may have it; a component that is not checked keeps what it adds elsewhere."""
    if field in type(component).model_fields:
        component.__dict__[field] = value
    elif component.__pydantic_extra__ is not None:
        component.__pydantic_extra__[field] = value


def _children(component: WidgetComponentBase) -> list[Any]:
    children = getattr(component, "children", None)
    if isinstance(children, list):
        return children
    return [] if children is None else [children]


def _walk(component: WidgetComponentBase) -> Iterator[WidgetComponentBase]:
    yield component
    for child in _children(component):
        yield from _walk(child)


def _index(root: WidgetComponentBase) -> dict[str, WidgetComponentBase]:
    return {component.id: component for component in _walk(root) if component.id is not None}


def _replace_below(parent: WidgetComponentBase, component_id: str, new: WidgetComponentBase) -> None:
    for component in list(_walk(parent)):  # before the new one is in it, whose parts may have the same id
        children = getattr(component, "children", None)
        if isinstance(children, list):
            for position, child in enumerate(children):
                if child.id == component_id:
                    children[position] = new
        elif children is not None and children.id == component_id:
            component.__dict__["children"] = new
