"""What a caller may have asked wrongly of the register.

MusterError (inventory.exits)
├── UsageFault
│   └── NotFound   there is no such device, scope or record; the message names what is nearest
└── Conflict       the change contradicts what the register holds, or what another has written meanwhile
"""

from inventory.exits import Conflict, UsageFault

__all__ = ["Conflict", "NotFound"]


class NotFound(UsageFault):
    """There is no such device, scope or record; the message names what is nearest."""
