"""What the register keeps of the ways between segments and of the wireless networks around."""

from collections.abc import Iterable, Sequence

from inventory.desk import Desk
from inventory.store import surroundings
from inventory.types import Crossing, WirelessNetwork


class Surroundings(Desk):
    """Part of `inventory.register.Register`, which is what everybody opens."""

    def keep_crossings(self, measured: Sequence[Crossing]) -> None:
        """Keeps measured ways between segments; of each way the newest holds."""
        with self._database.write() as connection:
            surroundings.keep_crossings(connection, measured)

    def crossings(self, *, latest: bool = True) -> tuple[Crossing, ...]:
        """What was last measured of each way, oldest first; with `latest=False` all that ever was."""
        with self._database.read() as connection:
            return surroundings.crossings(connection, latest=latest)

    def keep_networks(self, heard: Iterable[WirelessNetwork]) -> None:
        """Keeps wireless networks; one heard again is renewed."""
        with self._database.write() as connection:
            surroundings.keep_networks(connection, heard)

    def networks(self) -> tuple[WirelessNetwork, ...]:
        """Every wireless network ever heard, by name and BSSID."""
        with self._database.read() as connection:
            return surroundings.networks(connection)
