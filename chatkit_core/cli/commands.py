"""The commands and their options."""

import json
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chatkit_core.cli.banner import demo_banner, serve_banner
from chatkit_core.cli.chat import headers_of, talk
from chatkit_core.cli.demo import demo_app, files_beside
from chatkit_core.cli.failure import CommandError, last_line
from chatkit_core.cli.serving import open_port, serve_app, url_of
from chatkit_core.cli.target import load_app
from chatkit_core.types import json_schema

_app = typer.Typer(
    name="chatkit",
    help="A server for chat assistants.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any free one.")]


def run() -> int:
    """Run the command that the arguments name; return its exit code."""
    try:
        _app()
    except CommandError as error:
        Console(stderr=True, highlight=False).print(f"chatkit: {error}", style="red", markup=False, soft_wrap=True)
        return 2
    return 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatkit {installed_version('chatkit-core')}")
        raise typer.Exit


@_app.callback()
def chatkit(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A server for chat assistants."""


@_app.command()
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    db: Annotated[Path, typer.Option(help="The SQLite file that keeps the conversations.")] = Path("chatkit-demo.db"),
) -> None:
    """Serve an assistant that shows every feature, without a model."""
    files = files_beside(db)
    with open_port(host, port) as socket:
        url = url_of(socket)
        try:
            app = demo_app(db, files)
        except (OSError, ValueError) as error:
            raise CommandError(f"The demo cannot keep its files in {files}: {last_line(error)}") from None
        serve_app(
            app,
            socket,
            on_ready=lambda: demo_banner(f"{url}/", f"{url}/chatkit", db, files),
            failed="The demo could not start",
        )


@_app.command()
def serve(
    target: Annotated[str, typer.Argument(metavar="MODULE:APP", help="A ChatServer, or any ASGI app.")],
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Serve an app of your own; without :APP the one named app."""
    app = load_app(target)
    with open_port(host, port) as socket:
        url = url_of(socket)
        serve_app(app, socket, on_ready=lambda: serve_banner(target, url), failed=f"{target} could not start")


@_app.command()
def chat(
    url: Annotated[str, typer.Argument(help="The endpoint of a chat server.")],
    thread: Annotated[
        str | None, typer.Option(help="The id of a thread to go on with; else a new one is begun.")
    ] = None,
    header: Annotated[list[str] | None, typer.Option(help="'Name: value', to send with every request.")] = None,
) -> None:
    """Talk to a chat server in the terminal."""
    talk(url, thread, headers_of(header or []))


@_app.command()
def schema(
    indent: Annotated[int, typer.Option(min=0, max=8, help="Spaces a level; 0 for one line.")] = 2,
    output: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Print the JSON Schema of every op and event."""
    text = json.dumps(json_schema(), indent=indent or None, ensure_ascii=False) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"Cannot write {output}: {error.strerror}") from None
