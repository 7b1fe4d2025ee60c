"""The files on disk: the bytes of each attachment, and a note of what they are. Blocking; call it in a thread.

    <root>/<2 hex digits>/<id>          the bytes, once all of them have arrived
    <root>/<2 hex digits>/<id>.json     the note, from the moment the upload is begun
    <root>/incoming/<id>.<random>       what is still being written

A file comes to its place as a hard link, which is whole and never replaces another: of two uploads with one id the
first to finish wins, and a process that dies leaves nothing but a file in `incoming`.
"""

import hashlib
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from chatkit_core.errors import ConflictError, NotFoundError

_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def is_safe_id(id: str) -> bool:
    """Tell whether the id can be the name of a file."""
    return _SAFE_ID.fullmatch(id) is not None


@dataclass(frozen=True, slots=True)
class FileNote:
    """What an attachment is, or is announced to be. `size` is in bytes."""

    name: str
    mime_type: str
    size: int


class Folder:
    """The folder `root`, which is made if it is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, id: str) -> Path:
        """Return where the bytes are, or will be; `NotFoundError` if no attachment can have this id."""
        if not is_safe_id(id):
            raise NotFoundError("attachment", id)
        return self.root / hashlib.sha256(id.encode()).hexdigest()[:2] / id

    def incoming_path(self, id: str) -> Path:
        """Return a path for bytes that are still arriving; no two calls give the same."""
        return self._incoming / f"{self.path(id).name}.{secrets.token_hex(8)}"

    def append(self, incoming: Path, data: bytes | bytearray) -> None:
        """Add to a file in `incoming`. It has to exist: if the attachment was deleted meanwhile, `NotFoundError`."""
        try:
            with incoming.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                file.write(data)
        except FileNotFoundError:
            raise NotFoundError("attachment", incoming.stem) from None

    def write_note(self, id: str, note: FileNote) -> None:
        """Keep the note; `ConflictError` if there is one with this id."""
        incoming = self.incoming_path(id)
        try:
            incoming.write_text(json.dumps(asdict(note)), encoding="utf-8")
            self._publish(incoming, self._note_path(id))
        finally:
            incoming.unlink(missing_ok=True)

    def read_note(self, id: str) -> FileNote:
        """Return the note; `NotFoundError` if there is none."""
        try:
            return FileNote(**json.loads(self._note_path(id).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise NotFoundError("attachment", id) from None

    def begin(self, id: str) -> FileNote:
        """Return the note of an upload that has yet to arrive; `ConflictError` if it has arrived."""
        note = self.read_note(id)
        if self.has_bytes(id):
            raise _already_uploaded(id)
        return note

    def has_bytes(self, id: str) -> bool:
        """Tell whether all bytes have arrived."""
        return self.path(id).is_file()

    def keep(self, id: str, incoming: Path) -> None:
        """Bring the bytes to their place.

        Raises:
            ConflictError: there are bytes already.
            NotFoundError: the attachment was deleted meanwhile.
        """
        path = self.path(id)
        try:
            self._publish(incoming, path)
        except FileNotFoundError:
            raise NotFoundError("attachment", id) from None
        if not self._note_path(id).exists():
            path.unlink(missing_ok=True)
            raise NotFoundError("attachment", id)

    def remove(self, id: str) -> None:
        """Delete what there is of the attachment. The note goes first, so that no running upload can end well."""
        if not is_safe_id(id):
            return
        self._note_path(id).unlink(missing_ok=True)
        for incoming in self._incoming.glob(f"{id}.*"):
            incoming.unlink(missing_ok=True)
        self.path(id).unlink(missing_ok=True)

    def sweep(self, before: float) -> None:
        """Delete what nobody has written to since `before`, in seconds since 1970, and that never got to its place."""
        for incoming in self._incoming.iterdir():
            try:
                if incoming.stat().st_mtime < before:
                    incoming.unlink()
            except FileNotFoundError:
                continue

    def _note_path(self, id: str) -> Path:
        return self.path(id).with_name(f"{id}.json")

    def _publish(self, incoming: Path, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        try:
            path.hardlink_to(incoming)
        except FileExistsError:
            raise _already_uploaded(path.stem) from None


def _already_uploaded(id: str) -> ConflictError:
    return ConflictError(f"Attachment {id!r} is already uploaded.", code="attachment.already_uploaded")
