"""What a coverage says, in the language in force: reasons are kept as codes, sentences are made here."""

from collections.abc import Iterator, Mapping
from typing import Final

from inventory.language import N_, _
from inventory.networks import is_countable
from inventory.types import Known, SegmentCoverage, Unsettled, Why

OVER_UDP: Final = "udp"
"""FELL_SILENT with this as its reason: after the questions over UDP, asked side by side."""

_SENTENCES: Final[Mapping[Why, str]] = {
    Why.NO_SCOPE: N_("no scope covers this address"),
    Why.TOUCH: N_("the scope does not allow that much: {detail}"),
    Why.SITE_BARRED: N_("do not probe: the whole site"),
    Why.SEGMENT_BARRED: N_("do not probe: segment {segment}"),
    Why.CLASS_BARRED: N_("do not probe: class {name}"),
    Why.MAC_BARRED: N_("do not probe: MAC {mac}"),
    Why.ADDRESS_BARRED: N_("do not probe: address {entry}"),
    Why.ENTRY_UNREADABLE: N_("the do-not-probe entry '{entry}' cannot be read"),
    Why.LISTENING_ONLY: N_("the scope allows listening only"),
    Why.OWN_ADDRESS: N_("this machine itself, which is not asked"),
    Why.NO_ROUTE: N_("no route, or the gateway does not answer"),
    Why.FORBIDDEN: N_("something on the way forbids asking"),
    Why.SYSTEM_REFUSED: N_("this machine's own system refused to send to it"),
    Why.STOPPED: N_("the scan was stopped before {count} addresses were settled"),
    Why.UNFINISHED: N_("stopped before it had said everything"),
    Why.PORTS_LEFT_OUT: N_("some of its ports could not be asked: {detail}"),
    Why.ACCEPTS_ALL: N_("accepts connections at nearly every port, so only ports that speak count"),
    Why.SEVERAL_MACS: N_("several MACs answer for it: one device's, or two devices have one address: {macs}"),
    Why.ANSWERED_FOR: N_("addresses at which nobody is, though a MAC answers ARP for them: {macs}"),
    Why.FELL_SILENT: N_("answered the sweep and fell silent after {probe}"),
    Why.HEARSAY: N_("answers nothing; a router's ARP table has it"),
    Why.ONLY_KNOWN_ASKED: N_("only addresses that are known were asked, not all nodes at once"),
}


def told(why: Why, reason: str) -> str:
    """The sentence for a code and what completes it; `reason` itself where it is the sentence."""
    if why not in _SENTENCES:
        return _(reason)
    detail = _(N_("the questions over UDP")) if why is Why.FELL_SILENT and reason == OVER_UDP else reason
    places = ("detail", "segment", "name", "mac", "entry", "count", "probe", "macs")
    return _(_SENTENCES[why]).format(**dict.fromkeys(places, detail))


def reason_of(one: Unsettled) -> str:
    """Why the address is not settled."""
    return told(one.why, one.reason)


def size_of(part: SegmentCoverage) -> str:
    """How many addresses a coverage is of, as tables show it: of a large IPv6 network those known."""
    if is_countable(part.network):
        return f"{part.addresses:,}"
    return _("{count} known").format(count=f"{part.addresses:,}")


def known_line(network: str, known: Known) -> str:
    """How many addresses of a network are known and by whom, in one sentence."""
    text = _(
        "{network}: {known} addresses are known: {declared} declared, {leased} leased,"
        " {in_tables} in tables, {answering} answering; {silent} are known and did not answer"
    )
    return text.format(
        network=network,
        known=known.known,
        declared=known.declared,
        leased=known.leased,
        in_tables=known.in_tables,
        answering=known.answering,
        silent=len(known.unanswered),
    )


def details_of(network: str, known: Known) -> Iterator[str]:
    """A line for each address that is known and did not answer, each entry left alone, each exemption."""
    for one in known.unanswered:
        text = _("  {ip} did not answer; known as: {ways}")
        yield text.format(ip=one.ip, ways=", ".join(one.known_by))
    for entry in known.left_alone:
        yield _("  {network}: {what} is not probed").format(network=network, what=entry)
    for each in known.exempt:
        text = _("  {network}: {what} is probed all the same: {reason} ({by})")
        yield text.format(network=network, what=each.subject, reason=each.reason, by=each.by)
