"""What can go wrong in the lab, and the exit code each failure ends with.

LabError
├── BadFile            a topology, persona or export that cannot be used      exit 2
├── CannotBuild        this machine cannot hold a lab (no namespaces, no ip)  exit 3
├── AlreadyRunning     `lab up` where an office is up already                 exit 4
├── NotRunning         a command that needs an office, and none is up         exit 4
└── BringUpFailed      the office could not be brought up                     exit 1
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `lab`; `lab run` and `lab exec` end with their command's own code instead."""

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    CANNOT = 3
    STATE = 4
    DIFFERENT = 10


class LabError(Exception):
    """A failure the user is told of in one line; `exit_code` is what the command ends with."""

    exit_code = Exit.FAILED


class BadFile(LabError):
    """A file that cannot be used; the message begins with `file:line:`."""

    exit_code = Exit.BAD_INPUT


class CannotBuild(LabError):
    """This machine cannot hold a lab; the message says what is missing and what to do."""

    exit_code = Exit.CANNOT


class AlreadyRunning(LabError):
    """An office is up already."""

    exit_code = Exit.STATE


class NotRunning(LabError):
    """No office is up."""

    exit_code = Exit.STATE


class BringUpFailed(LabError):
    """The office could not be brought up; everything begun has been taken down."""
