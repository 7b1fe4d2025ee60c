"""What one side writes the other reads, and writes again to the same bytes."""

from types import ModuleType

import chatkit.types as theirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from wire_strategies import instances, variants

import chatkit_core.types as ours

pytestmark = pytest.mark.filterwarnings("ignore:Direct usage of named widget:DeprecationWarning")

UNIONS = ["ChatKitReq", "ThreadStreamEvent", "ThreadItem", "ThreadItemUpdate", "Task", "Source", "Attachment"]
RESPONSES = ["Thread", "ThreadMetadata", "SyncCustomActionResponse", "TranscriptionResult"]
NAMES = [model.__name__ for union in UNIONS for model in variants(theirs, union)] + RESPONSES


def written(value: BaseModel) -> str:
    return value.model_dump_json(by_alias=True, exclude_none=True, context={"exclude_metadata": True})


@pytest.mark.parametrize(("writer", "reader"), [(theirs, ours), (ours, theirs)], ids=["theirs", "ours"])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_one_side_writes_the_other_reads_and_writes_to_the_same_bytes(
    name: str, writer: ModuleType, reader: ModuleType, data: st.DataObject
) -> None:
    wire = written(data.draw(instances(getattr(writer, name))))
    assert written(getattr(reader, name).model_validate_json(wire)) == wire


@pytest.mark.parametrize("union", [*UNIONS, "StructuredInput", "ThreadStatus", "UserMessageContent"])
def test_a_union_has_the_oracles_variants_in_its_order(union: str) -> None:
    assert [m.__name__ for m in variants(ours, union)] == [m.__name__ for m in variants(theirs, union)]
