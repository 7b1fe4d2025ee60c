"""Actions: what a widget's controls send when they are used, and how the server reads them."""

from typing import Any, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, Field

Handler = Literal["client", "server"]
"""Who handles the action: the page, or the server's `action` hook."""

LoadingBehavior = Literal["auto", "none", "self", "container"]
"""What shows that the action is under way: the control itself, the widget around it, or nothing."""

DEFAULT_HANDLER: Handler = "server"
DEFAULT_LOADING_BEHAVIOR: LoadingBehavior = "auto"


class ActionConfig(BaseModel):
    """An action as a control carries it: what to send when the control is used, and how."""

    type: str
    payload: Any = None
    handler: Handler = DEFAULT_HANDLER
    loadingBehavior: LoadingBehavior = DEFAULT_LOADING_BEHAVIOR
    streaming: bool = True
    """Whether the answer is a turn that streams, or one response."""


TType = TypeVar("TType", bound=str)
TPayload = TypeVar("TPayload")


class Action(BaseModel, Generic[TType, TPayload]):
    """An action as the server receives it.

    Parametrize it with a literal to name a kind of action, `Rename = Action[Literal["rename"], NewTitle]`;
    `Rename.create(payload)` then makes what a control carries.
    """

    type: TType = Field(frozen=True)
    payload: TPayload = None  # type: ignore[assignment]  # an action may have no payload

    @classmethod
    def create(
        cls,
        payload: TPayload,
        handler: Handler = DEFAULT_HANDLER,
        loading_behavior: LoadingBehavior = DEFAULT_LOADING_BEHAVIOR,
        streaming: bool = True,
    ) -> ActionConfig:
        """Return the configuration of a control that sends this action with `payload`.

        Raises:
            TypeError: the class is not parametrized with a single literal, so it has no type to send.
        """
        match get_args(cls.model_fields["type"].annotation):
            case (str() as type_,):
                return ActionConfig(
                    type=type_,
                    payload=payload,
                    handler=handler,
                    loadingBehavior=loading_behavior,
                    streaming=streaming,
                )
        raise TypeError(f"{cls.__name__} names no single type; parametrize it: Action[Literal['name'], Payload]")
