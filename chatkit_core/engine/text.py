"""Text that can be encoded: UTF-16 surrogates, which a model's stream may split or break, are joined or replaced."""

from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """Return the text with surrogate pairs joined to their character, and any lone surrogate replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_model(model: M) -> M:
    """Return a copy of the model in which all text is clean."""
    return type(model).model_validate(cleaned(model.model_dump()))


def cleaned(value: Any) -> Any:
    """Return a copy of a JSON value, or of one that holds models, in which all text is clean."""
    if isinstance(value, BaseModel):
        return clean_model(value)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [cleaned(inner) for inner in value]
    return value


class DeltaJoiner:
    """Cleans the deltas of one text, where a pair may be split over two of them."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = ""
        """Half of a pair, whose other half is to come."""

    def push(self, delta: str) -> str:
        """Return what can be said now; half of a pair at the end is held back for the next delta."""
        if not self.held and _encodable(delta):
            return delta
        text = self.held + delta
        self.held = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return clean(text[: len(text) - len(self.held)])

    def rest(self) -> str:
        """Return what stands for a half that never got its other half: U+FFFD, or nothing."""
        held, self.held = self.held, ""
        return REPLACEMENT if held else ""


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
