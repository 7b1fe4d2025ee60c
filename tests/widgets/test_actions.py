from typing import Any, Literal

import pytest
from pydantic import BaseModel, ValidationError

from chatkit_core.actions import Action, ActionConfig


class NewTitle(BaseModel):
    title: str


Rename = Action[Literal["rename"], NewTitle]


def test_a_named_action_makes_what_a_control_carries() -> None:
    config = Rename.create(NewTitle(title="Trip"), handler="client", loading_behavior="self", streaming=False)
    assert config == ActionConfig(
        type="rename", payload=NewTitle(title="Trip"), handler="client", loadingBehavior="self", streaming=False
    )


def test_an_action_goes_to_the_server_and_streams_unless_it_says_otherwise() -> None:
    assert Rename.create(NewTitle(title="Trip")).model_dump() == {
        "type": "rename",
        "payload": {"title": "Trip"},
        "handler": "server",
        "loadingBehavior": "auto",
        "streaming": True,
    }


@pytest.mark.parametrize("action", [Action, Action[str, Any], Action[Literal["a", "b"], None]])
def test_an_action_without_a_single_type_cannot_be_carried(action: Any) -> None:
    with pytest.raises(TypeError, match="names no single type"):
        action.create(None)


def test_an_action_is_read_with_its_payload() -> None:
    action = Rename.model_validate({"type": "rename", "payload": {"title": "Trip"}})
    assert action == Rename(type="rename", payload=NewTitle(title="Trip"))


def test_an_action_without_a_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="type\n  Field required"):
        Action[str, Any].model_validate({"payload": 1})
