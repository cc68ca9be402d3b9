"""Who asks, in one place."""

import os
import platform


def vantage() -> str:
    """The host's name or MUSTER_VANTAGE, which tells one agent's observations from another's."""
    return os.environ.get("MUSTER_VANTAGE") or platform.node() or "here"
