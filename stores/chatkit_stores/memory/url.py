"""The URL of what is in memory."""


def check_url(url: str) -> None:
    if url != "memory://":
        raise ValueError(f"{url!r} is not a URL of a backend in memory; memory:// is.")
