"""What may go wrong with a snapshot; the tree is drawn in the docstring of `inventory.snapshot`."""

from inventory.exits import BadInput, MusterError, StoreFault, UsageFault


class SnapshotFault(MusterError):
    """A snapshot could not be made or read."""


class NotReady(SnapshotFault, UsageFault):
    """There is nothing to freeze yet, or the date contradicts what the register holds."""

    exit_code = UsageFault.exit_code


class Unreadable(SnapshotFault, BadInput):
    """The folder is no snapshot, or one of a form this version does not know."""

    exit_code = BadInput.exit_code


class Unwritable(SnapshotFault, StoreFault):
    """The folder is taken, or the disk is full or read-only; nothing half-made was left."""

    exit_code = StoreFault.exit_code
