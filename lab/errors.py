"""What can go wrong in the lab, and the exit code each failure ends with.

LabError
├── BadFile            a topology, persona or export that cannot be used      exit 3
├── CannotBuild        this machine cannot hold a lab (no namespaces, no ip)  exit 6
├── AlreadyRunning     `lab up` where an office is up already                 exit 2
├── NotRunning         a command that needs an office, and none is up         exit 2
└── BringUpFailed      the office could not be brought up                     exit 1
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `lab`, numbered as everywhere in Muster (docs/exit-codes.md).

    `lab run` and `lab exec` end with their command's own code instead.
    """

    OK = 0
    FAILED = 1
    USAGE = 2
    BAD_INPUT = 3
    UNAVAILABLE = 6
    FINDINGS = 10


class LabError(Exception):
    """A failure the user is told of in one line; `exit_code` is what the command ends with."""

    exit_code = Exit.FAILED


class BadFile(LabError):
    """A file that cannot be used; the message begins with `file:line:`."""

    exit_code = Exit.BAD_INPUT


class CannotBuild(LabError):
    """This machine cannot hold a lab; the message says what is missing and what to do."""

    exit_code = Exit.UNAVAILABLE


class AlreadyRunning(LabError):
    """An office is up already."""

    exit_code = Exit.USAGE


class NotRunning(LabError):
    """No office is up."""

    exit_code = Exit.USAGE


class BringUpFailed(LabError):
    """The office could not be brought up; everything begun has been taken down."""
