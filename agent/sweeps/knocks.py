"""Which TCP ports a host is looked for at; which are asked once it is found, `ports` says."""

from typing import Final

# To find a routed host that answers no echo: the ports most likely open, or refused, on any of them.
# Asked of every address first, the second set only of those still silent. A third echo, seconds later, is
# for those whose router was still looking for them (RFC 1122, 2.3.2.2: it may drop what came before).
FIRST_KNOCKS: Final = (80,)
SECOND_KNOCKS: Final = (443, 22, 445)
