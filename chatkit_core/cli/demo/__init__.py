"""The demo: an assistant that needs no model, and shows what `respond` can do.

Read `assistant.py` first; each of the other files has the features of one kind.
"""

from chatkit_core.cli.demo.app import demo_app, files_beside

__all__ = ["demo_app", "files_beside"]
