"""Which schema this version writes, and which earlier ones it brings up to it."""

from typing import Final

SCHEMA: Final = "0009"
KNOWN_SCHEMAS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
