"""What users may import. Whoever changes a list here changes what is promised to them."""

import importlib
import subprocess
import sys
from collections import Counter

import pytest

NAMES = {
    "chatkit_core": """
        ChatServer Turn current_turn open_store
    """,
    "chatkit_core.client": """
        AgentMessageDelta ApprovalResolved AsyncChatClient AsyncChatThread AsyncFollow AsyncRun Cancelled ChatClient
        ChatClientError ChatThread Completed ConnectionLostError Failed Follow ItemCompleted ItemStarted NotAllowedError
        NotSignedInError PlanUpdated Raw ReasoningDelta RefusedError Run RunEvent RunResult SubagentProgress SystemEvent
        ThreadNotFoundError TooManyTurnsError ToolArgumentsDelta TurnCancelledError TurnEndedError TurnExpiredError
        TurnFailedError TurnInProgressError TurnNotFoundError TurnStarted UsageDelta WrongRequestError run_local
    """,
    "chatkit_core.reply": """
        Answers Workflow approval ask client_tool_call hidden progress structured_input text widget
    """,
    "chatkit_core.types": """
        ActiveStatus ActiveTurn Annotation AnyReq AssistantMessageContent AssistantMessageContentPartAdded
        AssistantMessageContentPartAnnotationAdded AssistantMessageContentPartDone
        AssistantMessageContentPartTextDelta AssistantMessageItem Attachment AttachmentBase
        AttachmentCreateParams AttachmentDeleteParams AttachmentUploadDescriptor AttachmentsCreateReq
        AttachmentsDeleteReq AudioInput BaseReq BaseTask ChatKitReq ClientEffectEvent ClientToolCallItem
        ClosedStatus CustomSummary CustomTask DurationSummary EndOfTurnItem EntitySource ErrorCount
        ErrorEvent FeedbackKind FileAttachment FileSource FileTask GeneratedImage GeneratedImageItem
        GeneratedImageUpdated HiddenContextItem ImageAttachment ImageTask InferenceOptions
        InputTranscribeParams InputTranscribeReq ItemFeedbackParams ItemsFeedbackReq ItemsListParams
        ItemsListReq LockedStatus NonStreamingReq NoticeEvent NumberedEvent OnBusy OwnReq Page
        ProgressUpdateEvent SDKHiddenContextItem SearchTask Source SourceBase StreamOptions
        StreamOptionsEvent StreamingReq StructuredInput StructuredInputAnswer
        StructuredInputAnswerSubmission StructuredInputBase StructuredInputFreeform StructuredInputItem
        StructuredInputMultipleChoice StructuredInputMultipleChoiceOption StructuredInputSubmission
        SyncCustomActionResponse Task TaskItem ThoughtTask Thread ThreadAddClientToolOutputParams
        ThreadAddStructuredInputParams ThreadAddUserMessageParams ThreadArchiveParams ThreadCreateParams
        ThreadCreatedEvent ThreadCustomActionParams ThreadDeleteParams ThreadGetByIdParams ThreadItem
        ThreadItemAddedEvent ThreadItemBase ThreadItemDoneEvent ThreadItemRemovedEvent
        ThreadItemReplacedEvent ThreadItemUpdate ThreadItemUpdated ThreadItemUpdatedEvent ThreadListParams
        ThreadMetadata ThreadReq ThreadRetryAfterItemParams ThreadSetModeParams ThreadStartParams
        ThreadStatus ThreadStreamEvent ThreadStreamedActionParams ThreadUpdateParams ThreadUpdatedEvent
        ThreadWithTurn ThreadsAddClientToolOutputReq ThreadsAddStructuredInputReq ThreadsAddUserMessageReq
        ThreadsArchiveReq ThreadsCreateReq ThreadsCustomActionReq ThreadsDeleteReq ThreadsGetByIdReq
        ThreadsListReq ThreadsRetryAfterItemReq ThreadsSetModeReq ThreadsStartReq ThreadsSyncCustomActionReq
        ThreadsUnarchiveReq ThreadsUpdateReq ToolChoice TranscriptionResult TurnCancelParams
        TurnCancelledEvent TurnCompletedEvent TurnError TurnEvent TurnEvents TurnEventsParams
        TurnFailedEvent TurnFollowParams TurnGetParams TurnLimits TurnListParams TurnMetadata TurnOptions
        TurnParams TurnQuestion TurnQueuedEvent TurnReq TurnStartedEvent TurnStatus TurnSummary
        TurnSummaryParams TurnUsage TurnUsageEvent TurnWaitParams TurnWaitingEvent TurnsCancelReq
        TurnsEventsReq TurnsFollowReq TurnsGetReq TurnsListReq TurnsSummaryReq TurnsWaitReq URLSource
        UTCDateTime UserMessageContent UserMessageInput UserMessageItem UserMessageTagContent
        UserMessageTextContent WidgetComponentUpdated WidgetItem WidgetRootUpdated
        WidgetStreamingTextValueDelta Workflow WorkflowItem WorkflowSummary WorkflowTaskAdded
        WorkflowTaskUpdated build_models is_hidden is_streaming_req json_schema to_utc utc_now
    """,
    "chatkit_core.widgets": """
        Alignment AreaSeries Badge BarSeries BasicRoot Border Borders Box BoxBase Button Caption CaptionSize Card
        CardAction Chart Checkbox Col ControlSize ControlVariant CurveType DatePicker Divider DynamicWidgetComponent
        DynamicWidgetRoot EditableProps Form Icon IconSize Image Input Justification Label LineSeries ListView
        ListViewItem Markdown MinMax RadioGroup RadioOption RadiusValue Row Select SelectOption Series Spacer
        Spacing StrictWidgetComponent StrictWidgetRoot Text TextAlign TextSize Textarea ThemeColor Title TitleSize
        Transition WidgetComponent WidgetComponentBase WidgetIcon WidgetRoot WidgetStatus WidgetStatusWithFavicon
        WidgetStatusWithIcon WidgetTemplate WidgetTemplateError XAxisConfig
    """,
    "chatkit_core.store": """
        RESERVED_METADATA_KEY AttachmentStore NotFoundError Store StoreItemType StoredFile TContext UploadStore
        default_generate_id endpoint_url merge_thread reserved_metadata
    """,
    "chatkit_core.server": """
        DEFAULT_ERROR_MESSAGE DEFAULT_PAGE_SIZE ChatKitServer ChatServer NonStreamingResult StreamingResult diff_widget
        stream_widget
    """,
    "chatkit_core.turn_log": """
        ACTIVE POLLING Entries Entry EventEntry Fence Outcome Taken TextEntry TurnLog TurnQuery TurnRecord
        Writer outcome_of summary writing_as
    """,
    "chatkit_core.ui": """
        ChatUI content_security_policy
    """,
}
MODULES = {
    "chatkit_core.actions": """
        Action ActionConfig TPayload TType
    """,
    "chatkit_core.backends": """
        open_attachment_store open_store open_turn_log
    """,
    "chatkit_core.errors": """
        AlreadyAnsweredError BaseStreamError ChatKitError ConflictError CustomStreamError ErrorCode
        ForbiddenError GoneError InvalidEventError InvalidJSONError InvalidRequestError KeyReusedError
        LeaseLostError MethodNotAllowedError MissingExtraError NotFoundError NotSupportedError
        QueueFullError ShuttingDownError StreamError ThreadBusyError ThreadNotActiveError TooLargeError
        UnauthorizedError UnsupportedMediaTypeError
    """,
    "chatkit_core.icons": """
    """,
    "chatkit_core.sse": """
        Decoder ServerSentEvent encode
    """,
    "chatkit_core.turn": """
        Turn current_turn
    """,
}
HEAVY = {
    *("aiosqlite", "asyncpg", "redis", "chatkit", "chatkit_stores", "fastapi", "httpx2", "jinja2", "openai"),
    *("hypothesis", "pytest", "rich", "typer", "uvicorn"),
}


@pytest.mark.parametrize("module", NAMES)
def test_a_package_lists_exactly_these_names_and_has_them(module: str) -> None:
    imported = importlib.import_module(module)

    assert imported.__all__ == NAMES[module].split()
    assert [name for name in imported.__all__ if not hasattr(imported, name)] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_defines_exactly_these_names(module: str) -> None:
    imported = importlib.import_module(module)
    defined = {name for name, value in vars(imported).items() if getattr(value, "__module__", None) == module}

    assert sorted(name for name in defined if not name.startswith("_")) == MODULES[module].split()


def test_a_name_has_one_path() -> None:
    listed = Counter(name for module in (NAMES | MODULES).values() for name in module.split())

    assert {name for name, count in listed.items() if count > 1} == {
        "ChatServer",  # the package's front page shows these three and where each comes from
        "Turn",
        "current_turn",
        "open_store",
        "NotFoundError",  # and this one is where those who move from openai-chatkit look for it
        "Workflow",  # what is stored, and what helps to make it
    }


def test_import_chatkit_core_loads_no_driver_no_command_line_and_no_model_sdk() -> None:
    code = "import sys, chatkit_core; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()

    assert HEAVY.intersection(loaded) == set()
    assert ran.stderr == ""


def test_a_server_with_the_memory_store_loads_none_of_them_either() -> None:
    code = """
import sys
from chatkit_core import ChatServer, open_store

class Echo(ChatServer):
    async def respond(self, thread, message, context):
        yield "Hi"

Echo(open_store("memory://"))
print(*sorted({name.partition('.')[0] for name in sys.modules}))
"""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)

    assert HEAVY.intersection(ran.stdout.split()) == {"chatkit_stores"}
