"""``replay ui``: the cassettes of a folder in the browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from trace_ops.cli import _files
from trace_ops.errors import UsageError


@click.command("ui")
@click.argument(
    "directory",
    metavar="[DIR]",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen.  [default: a free port]"
)
@click.option(
    "--open/--no-open", "opens", default=True, help="Open it in the browser, or do not.  [default: do]"
)
def command(directory: Path | None, port: int, opens: bool) -> None:
    """Look at the cassettes of a folder in the browser, as tests write them.

    DIR is `cassettes` if there is one, else the current directory. The page follows the files: what is
    recorded appears and grows. It is served to this machine only, and nothing can be changed by it. It ends
    with Ctrl+C.
    """
    try:
        from trace_ops.ui import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        raise UsageError('ui needs Starlette and uvicorn: pip install "TraceOps[ui]"') from error

    root = directory or Path(_files.default_directory())
    listener = serve.listen(port)
    address = serve.address(listener)

    def ready() -> None:
        click.echo(f"{_files.shown(root)} at {address} (Ctrl+C ends it)")
        if opens:
            webbrowser.open(address)

    serve.serve(listener, root, _title(root), ready)


def _title(root: Path) -> str:
    """The folder as it is called from here; of one that is elsewhere, the last part."""
    shown = _files.shown(root)
    return (root.resolve().name or shown) if shown == "." or Path(shown).is_absolute() else shown
