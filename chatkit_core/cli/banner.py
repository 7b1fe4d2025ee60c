"""What the commands say once they serve."""

from pathlib import Path

from rich.console import Console
from rich.text import Text


def example_curl(endpoint: str, text: str = "help") -> str:
    """Return a command for the shell that begins a thread with `text`."""
    return (
        f"curl -N {endpoint} -H 'Content-Type: application/json' -d '\n"
        '  {"type": "threads.create", "params": {"input": {"attachments": [],\n'
        f'   "inference_options": {{}}, "content": [{{"type": "input_text", "text": "{text}"}}]}}}}}}\''
    )


def demo_banner(page: str, endpoint: str, db: Path, files: Path) -> None:
    """Say where the demo is, how to talk to it, and what it writes."""
    lines = Text()
    lines.append("\nChatKit demo", style="bold").append(" at ").append(page, style="bold cyan")
    lines.append(f"\n\nIts endpoint is {endpoint}; without a browser:\n").append(example_curl(endpoint), style="green")
    lines.append(f"\n\nIt writes {db} and {files}/. Ctrl-C ends it.\n", style="dim")
    _print(lines)


def serve_banner(target: str, url: str) -> None:
    """Say what is served, and where."""
    lines = Text("\n")
    lines.append(target, style="bold").append(" at ").append(url, style="bold cyan")
    lines.append("\nCtrl-C ends it.\n", style="dim")
    _print(lines)


def _print(lines: Text) -> None:
    Console(highlight=False).print(lines, soft_wrap=True)
