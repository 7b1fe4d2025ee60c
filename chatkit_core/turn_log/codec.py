"""A turn's entries as bytes, for backends that keep a batch of them as one blob.

A blob is the length of a header, the header in JSON, and one after the other the bytes that its entries consist of. The
header has an array for each entry: of an event [seq, type, length of its data, what it replaces or nothing]; of text
[first seq, gaps, lengths of the deltas, then those of prefix, suffix and text in bytes], where the gaps are those
between the seqs, and [] if each is 1.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import orjson

from chatkit_core.turn_log.entries import Entry, EventEntry, TextEntry

_LENGTH_BYTES = 4


def encode_entries(entries: Sequence[Entry]) -> bytes:
    """Return the entries as one blob."""
    header: list[list[Any]] = []
    body: list[bytes] = []
    for entry in entries:
        if isinstance(entry, TextEntry):
            text = entry.text.encode()
            header.append([*_deltas(entry), len(entry.prefix), len(entry.suffix), len(text)])
            body += (entry.prefix, entry.suffix, text)
        else:
            replaces = () if entry.replaces is None else (entry.replaces,)
            header.append([entry.seq, entry.type, len(entry.data), *replaces])
            body.append(entry.data)
    encoded = orjson.dumps(header)
    return b"".join((len(encoded).to_bytes(_LENGTH_BYTES, "big"), encoded, *body))


def decode_entries(blob: bytes) -> list[Entry]:
    """Return the entries of a blob."""
    start = _LENGTH_BYTES + int.from_bytes(blob[:_LENGTH_BYTES], "big")
    entries: list[Entry] = []
    for fields in orjson.loads(blob[_LENGTH_BYTES:start]):
        if isinstance(fields[1], str):
            seq, type, length, *replaces = fields
            end = start + length
            entries.append(EventEntry(seq, type, blob[start:end], tuple(replaces[0]) if replaces else None))
        else:
            first, gaps, lengths, prefix, suffix, text = fields
            after_prefix = start + prefix
            after_suffix = after_prefix + suffix
            end = after_suffix + text
            seqs = accumulate(gaps, initial=first) if gaps else range(first, first + len(lengths))
            entries.append(
                TextEntry(
                    blob[start:after_prefix],
                    blob[after_prefix:after_suffix],
                    blob[after_suffix:end].decode(),
                    array("Q", seqs),
                    array("Q", lengths),
                )
            )
        start = end
    return entries


def _deltas(entry: TextEntry) -> tuple[int, list[int], list[int]]:
    """Return the first seq, the gaps between all, and the length of each delta."""
    first, last, count = entry.seqs[0], entry.seqs[-1], len(entry.seqs)
    gaps = [] if last - first == count - 1 else [after - before for before, after in pairwise(entry.seqs)]
    return first, gaps, entry.lengths.tolist()
