"""The one exception of this room: ValueError → Malformed."""


class Malformed(ValueError):
    """What came over the wire is not the protocol; the server says nothing and hangs up."""
