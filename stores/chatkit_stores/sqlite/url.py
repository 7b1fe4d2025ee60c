from urllib.parse import unquote


def path_of(url: str) -> str:
    """Return the path that `sqlite:///relative.db` or `sqlite:////absolute.db` names.

    Raises:
        ValueError: the URL is not one of these.
    """
    path = url.removeprefix("sqlite:///")
    if path in ("", url) or "?" in path or "#" in path:
        raise ValueError(f"{url!r} is not sqlite:///relative.db or sqlite:////absolute.db.")
    return unquote(path)
