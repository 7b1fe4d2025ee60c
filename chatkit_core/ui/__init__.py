"""The page: a chat in the browser, and the app that serves it. Nothing in it comes from another host."""

from chatkit_core.ui.app import ChatUI
from chatkit_core.ui.policy import content_security_policy

__all__ = ["ChatUI", "content_security_policy"]
