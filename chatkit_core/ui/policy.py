"""The page's Content-Security-Policy (W3C CSP level 3): nothing from another host, no inline script, Trusted Types."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_SOURCE = re.compile(r"(https?://)?(\*\.)?[A-Za-z0-9.-]+(:\d+)?(/[^\s;,]*)?|https?:")


def content_security_policy(endpoint: str, image_sources: Iterable[str] = ()) -> str:
    """Return the policy of a page whose chat is at an endpoint.

    Args:
        endpoint: its URL; one of another origin is allowed to be called.
        image_sources: what images may come from, beside the page's own host.

    Raises:
        ValueError: a source is none that the policy could name.
    """
    images = ["'self'", "data:", "blob:"]
    for source in image_sources:
        if not _SOURCE.fullmatch(source):
            raise ValueError(f"{source!r} is no source of images: say https://images.example.com.")
        images.append(source)
    parts = urlsplit(endpoint)
    elsewhere = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": " ".join(images),
        "media-src": "'self' blob:",
        "connect-src": f"'self'{elsewhere}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "lit-html dompurify",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())
