"""One scan of a network at a time: two would each keep the rates, and together ask devices twice as fast."""

import contextlib
import errno
import socket
from collections.abc import Iterable, Iterator

from agent.faults import BeingScanned
from inventory.language import _


@contextlib.contextmanager
def claimed(networks: Iterable[str]) -> Iterator[None]:
    """Claims the networks on this machine, until left or until the process ends, however it ends.

    BeingScanned where another process has one of them. The claims are abstract socket addresses (unix(7)),
    which the kernel gives to one process of a network namespace at a time.
    """
    with contextlib.ExitStack() as held:
        for network in networks:
            claim = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            try:
                claim.bind(f"\0muster-scan {network}")
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                text = _("{network} is being scanned already: wait for the end of that scan, or stop it")
                raise BeingScanned(text.format(network=network)) from error
        yield
