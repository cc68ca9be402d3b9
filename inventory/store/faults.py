"""What a caller may have asked wrongly of the register.

UsageFault (inventory.exits)
├── NotFound   there is no such device, scope or record; the message names what is nearest
└── Conflict   the change contradicts what the register holds
"""

from inventory.exits import UsageFault


class NotFound(UsageFault):
    """There is no such device, scope or record; the message names what is nearest."""


class Conflict(UsageFault):
    """The change contradicts what the register holds."""
