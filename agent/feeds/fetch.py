"""Fetching the feeds anew from those who publish them; the only thing in Muster that asks the Internet.

It is asked for by name (`muster feed update`), never by a schedule or a check, and sends nothing of the
office: one GET to each publisher, through the proxy of the environment where there is one.
"""

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.client import HTTPException, HTTPMessage
from typing import IO, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from agent.feeds.formats import MOST_BYTES, Kind
from inventory.exits import Unavailable, UsageFault
from inventory.language import _

_PATIENCE = 60.0

Opener = Callable[[Request, float], AbstractContextManager[IO[bytes]]]


class Source(NamedTuple):
    """Where a publisher offers a feed, and the name it is kept by."""

    kind: Kind
    name: str
    address: str


SOURCES: tuple[Source, ...] = (
    Source(
        Kind.KEV,
        "known_exploited_vulnerabilities.json",
        "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    ),
    Source(Kind.END_OF_LIFE, "endoflife.json", "https://endoflife.date/api/v1/products/full"),
    Source(
        Kind.NVD,
        "nvdcve-2.0-modified.json.gz",
        "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-modified.json.gz",
    ),
)


def chosen(kinds: tuple[str, ...]) -> tuple[Source, ...]:
    """The sources of those kinds, all for none; UsageFault, naming those there are, for an unknown one."""
    by_kind = {source.kind.value: source for source in SOURCES}
    for kind in kinds:
        if kind not in by_kind:
            words = _("there is no feed {kind!r}; there are {known}")
            raise UsageFault(words.format(kind=kind, known=", ".join(by_kind)))
    return tuple(by_kind[kind] for kind in dict.fromkeys(kinds)) or SOURCES


class SealedOnly(HTTPRedirectHandler):
    """Goes where a publisher sends it on to, but never out of TLS."""

    def redirect_request(  # noqa: PLR0917 - urllib's signature
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The request to where it is sent on; URLError for an address without TLS."""
        if not newurl.startswith("https://"):
            raise URLError(_("it was sent on to {address}").format(address=newurl))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(request: Request, patience: float) -> AbstractContextManager[IO[bytes]]:
    opened: AbstractContextManager[IO[bytes]] = build_opener(SealedOnly).open(request, timeout=patience)
    return opened


def fetch(source: Source, opener: Opener = _open) -> bytes:
    """The feed as its publisher gives it now; Unavailable, saying what to do instead, where it cannot."""
    request = Request(source.address, headers={"User-Agent": "muster"})  # noqa: S310 - SOURCES are https
    try:
        with opener(request, _PATIENCE) as answer:
            content = answer.read(MOST_BYTES + 1)
    except HTTPError as error:
        raise _refused(source, f"HTTP {error.code}") from error
    except URLError as error:
        raise _refused(source, str(error.reason)) from error
    except (OSError, HTTPException, ssl.SSLError) as error:
        raise _refused(source, str(error) or type(error).__name__) from error
    if len(content) > MOST_BYTES:
        raise _refused(source, _("it is larger than {most} bytes").format(most=MOST_BYTES))
    return content


def _refused(source: Source, why: str) -> Unavailable:
    words = _(
        "{address} cannot be fetched ({why}); fetch it elsewhere and run `muster feed import FILE`,"
        " which needs no connection"
    )
    return Unavailable(words.format(address=source.address, why=why))
