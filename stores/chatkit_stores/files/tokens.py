"""Signatures that expire, and the secret they are made with."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from chatkit_core.errors import GoneError, NotFoundError

MIN_SECRET_BYTES = 16

Purpose = Literal["upload", "read"]


class Signer:
    """Signs the right to do one thing with one attachment until a time; a token is `<expiry>.<signature>`.

    Args:
        secret: the key; who knows it can sign.
        clock: returns the time in seconds since 1970.

    Raises:
        ValueError: the secret is shorter than 16 bytes.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret has {len(secret)} bytes; it needs at least {MIN_SECRET_BYTES}")
        self._secret = secret
        self._clock = clock

    def sign(self, purpose: Purpose, id: str, expiry: int) -> str:
        """Return a token that is good until `expiry`, in seconds since 1970."""
        return self._token(purpose, id, str(expiry))

    def check(self, purpose: Purpose, id: str, token: str) -> None:
        """Raise `NotFoundError` if the token was not signed for this, `GoneError` if its time is over."""
        expiry = token.partition(".")[0]
        if not hmac.compare_digest(token.encode(), self._token(purpose, id, expiry).encode()):
            raise NotFoundError("attachment", id)
        if self._clock() >= int(expiry):
            raise GoneError("attachment")

    def _token(self, purpose: Purpose, id: str, expiry: str) -> str:
        message = f"{purpose}\n{id}\n{expiry}".encode()
        return f"{expiry}.{hmac.new(self._secret, message, hashlib.sha256).hexdigest()}"


def load_secret(path: Path) -> bytes:
    """Return the secret that the file holds. If there is none, one is made, the same for all who ask at once."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_hex(32).encode())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
