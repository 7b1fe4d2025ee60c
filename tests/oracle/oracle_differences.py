"""What a client of ours gets that a client of the incumbent does not, and why: by scenario, a reason and the frames.

`-` is the incumbent's alone, `+` is ours alone. What differs in every scenario is not here: the incumbent's times on
the wire are naive, ours end in Z.
"""

DIFFERENCES = {
    "a_hidden_item_that_is_added_first": (
        "hidden items never leave the server, not even while they are pending",
        ["- thread.item.added <msg 2> hidden_context_item"],
    ),
    "metadata_that_changes_while_text_streams": (
        "a look into the metadata for every delta would cost too much: it is saved and said at the next other event",
        ["- thread.updated", "+ thread.updated"],
    ),
    "client_tool_calls": (
        "whoever else follows the thread learns that the call has its output",
        [
            "+ thread.item.replaced <tc 1> client_tool_call completed",
            "+ thread.item.replaced <tc 2> client_tool_call completed",
            "+ thread.item.replaced <tc 3> client_tool_call completed",
            "+ thread.item.replaced <tc 4> client_tool_call completed",
        ],
    ),
    "a_call_that_the_user_writes_past": (
        "a new message closes what was asked, so that the thread is never stuck",
        [
            "+ thread.item.replaced <tc 1> client_tool_call completed",
            "- stored <tc 1> client_tool_call pending",
            "+ stored <tc 1> client_tool_call completed",
        ],
    ),
    "a_call_with_items_after_it": (
        "the output finds its call also when other items follow it",
        [
            "- raised in the stream: ValueError",
            "+ stream_options",
            "+ thread.item.replaced <tc 1> client_tool_call completed",
            "+ thread.item.done <msg 3> assistant_message Hello.",
            "+ the end of the stream",
            "- stored <tc 1> client_tool_call pending",
            "+ stored <tc 1> client_tool_call completed",
            "+ stored <msg 3> assistant_message Hello.",
        ],
    ),
    "retry": (
        "a second tab learns that the items are gone",
        [
            "+ thread.item.removed <msg 2>",
            "+ thread.item.removed <msg 3>",
            "+ thread.item.removed <msg 4>",
        ],
    ),
    "an_action_that_updates_the_stored_widget": (
        "the widget's new state is saved, and found after a reload",
        [
            "+ thread.item.replaced <msg 2> widget",
            "- stored <msg 2> widget",
            "+ stored <msg 2> widget",
        ],
    ),
    "a_thread_with_more_than_a_page": (
        "who opens a long thread wants its newest items",
        ["- answer with ['<msg 1>', '<msg 20>']", "+ answer with ['<msg 3>', '<msg 22>']"],
    ),
    "an_error_after_some_text": (
        "a failure keeps what the user has already read",
        [
            "+ thread.item.done <msg 2> assistant_message Once upon",
            "+ stored <msg 2> assistant_message Once upon",
        ],
    ),
    "an_item_that_is_left_open": (
        "what the user has read is kept, though the app forgot to say it done",
        [
            "+ thread.item.done <msg 2> assistant_message Once upon",
            "+ stored <msg 2> assistant_message Once upon",
        ],
    ),
    "an_update_of_an_item_that_is_not_there": (
        "no client could apply it: it is the app's mistake, and said as such",
        [
            "- thread.item.updated <msg 2> assistant_message.content_part.text_delta",
            "+ error stream.error",
        ],
    ),
    "an_id_that_a_model_made_up": (
        "a provider that repeats its ids would lose an answer",
        [
            "- thread.item.done __fake_id__ assistant_message Hello.",
            "+ thread.item.done <msg 2> assistant_message Hello.",
            "- stored __fake_id__ assistant_message Hello.",
            "+ stored <msg 2> assistant_message Hello.",
        ],
    ),
    "half_a_surrogate_pair": (
        "a pair that a model splits over two deltas is joined",
        [
            "- raised in the stream: PydanticSerializationError",
            "+ thread.item.updated <msg 2> assistant_message.content_part.text_delta",
            "+ thread.item.updated <msg 2> assistant_message.content_part.text_delta",
            "+ thread.item.updated <msg 2> assistant_message.content_part.done",
            "+ thread.item.done <msg 2> assistant_message a🙂b",
            "+ the end of the stream",
            "+ stored <msg 2> assistant_message a🙂b",
        ],
    ),
    "what_cannot_be_done": (
        "a request is refused before the stream starts, with an error that has a status and a code",
        [
            "- refused: ValidationError",
            "+ refused: InvalidRequestError",
            "- refused: ValidationError",
            "+ refused: InvalidJSONError",
            "- refused: ValidationError",
            "+ refused: InvalidRequestError",
            "- raised in the stream: NotFoundError",
            "+ refused: NotFoundError",
            "- raised in the stream: ValueError",
            "+ refused: ConflictError",
            "- raised in the stream: ValueError",
            "+ refused: InvalidRequestError",
            "- the end of the stream",
            "+ refused: NotFoundError",
            "- raised in the stream: ValueError",
            "+ refused: InvalidRequestError",
            "- error stream.error",
            "- the end of the stream",
            "+ refused: InvalidRequestError",
            "- refused: ValueError",
            "+ refused: InvalidRequestError",
            "- answer with []",
            "+ refused: NotFoundError",
        ],
    ),
}
