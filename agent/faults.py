"""What can stop the agent before it asks anything; what the network says is a value, never one of these.

MusterError
├── NotAllowed
│   ├── OutOfScope    no scope covers the target
│   ├── NoRawSockets  CAP_NET_RAW is missing
│   └── BeingScanned  another scan asks the same network
├── UsageFault
│   └── BadTarget     a target that is no address, range or network
└── Unavailable
    ├── NoWay         no interface or no route leads to the target
    └── ScannerDied   the scanning process ended before its scan
"""

from inventory.exits import NotAllowed, Unavailable, UsageFault


class OutOfScope(NotAllowed):
    """No scope covers the target; the message is the command that would add one."""


class NoRawSockets(NotAllowed):
    """The kernel refused a packet socket; the message says how to grant CAP_NET_RAW."""


class BeingScanned(NotAllowed):
    """Another process scans the same network: both together would ask devices twice as fast."""


class BadTarget(UsageFault):
    """A target that is no address, range or network we can ask."""


class NoWay(Unavailable):
    """No interface or no route leads to the target, or the tool that would say so is missing."""


class ScannerDied(Unavailable):
    """The scanning process ended before its scan; what had come from it is in the register."""
