"""Exit codes of every command, and the root of every room's exception tree.

MusterError
├── UsageFault      2  the command line or a configuration value makes no sense
├── BadInput        3  a file we were given is wrong; the message names file and line
├── NotAllowed      4  no scope, no permission, no capability
├── StoreFault      5  the register cannot be opened, read or written
├── Unavailable     6  a part that is needed is missing on this machine
└── Conflict        7  the register holds something else by now; nothing was changed
"""

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit status means; docs/exit-codes.md is held to this table."""

    OK = 0
    FAILED = 1  # an internal fault: a bug report is welcome
    USAGE = 2
    BAD_INPUT = 3
    NOT_ALLOWED = 4
    STORE = 5
    UNAVAILABLE = 6
    CONFLICT = 7
    FINDINGS = (
        10  # the command worked, and what it looked for (open findings, tampering, differences) is there
    )
    STOPPED = 130  # Ctrl-C; what was learned so far is kept


class MusterError(Exception):
    """An expected failure: one line for the user, naming the place and what to do, and an exit code."""

    exit_code = Exit.FAILED


class UsageFault(MusterError):
    """The command line or a configuration value makes no sense."""

    exit_code = Exit.USAGE


class BadInput(MusterError):
    """A file we were given is wrong; the message names file and line."""

    exit_code = Exit.BAD_INPUT


class NotAllowed(MusterError):
    """No scope, no permission or no capability for what was asked."""

    exit_code = Exit.NOT_ALLOWED


class StoreFault(MusterError):
    """The register cannot be opened, read or written."""

    exit_code = Exit.STORE


class Unavailable(MusterError):
    """A program or library that is needed is missing on this machine."""

    exit_code = Exit.UNAVAILABLE


class Conflict(MusterError):
    """The change contradicts what the register holds, or what another has written meanwhile."""

    exit_code = Exit.CONFLICT
