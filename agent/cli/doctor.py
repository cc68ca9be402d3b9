"""`muster doctor`: what this machine can do, what is missing, and how to mend it."""

import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from inventory.console import Session, format_option, pass_session, print_rows, say_next
from inventory.exits import Exit, MusterError
from inventory.language import _

_LEAST_PYTHON: Final = (3, 11)
_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is there, whether Muster can do without, and what to do."""

    what: str
    is_there: bool
    is_required: bool
    detail: str
    remedy: str = ""

    @property
    def state(self) -> str:
        """`ok`, `missing` (required) or `optional` (missing, and something can be done without it)."""
        if self.is_there:
            return _("ok")
        return _("missing") if self.is_required else _("optional")


@click.command()
@format_option
@pass_session
def doctor(session: Session, form: str) -> None:
    """Say what this machine can do, and what to mend. Exit code 6 when something required is missing."""
    found = list(examine(session))
    rows = [
        {
            "what": one.what,
            "state": one.state,
            "detail": one.detail,
            "remedy": "" if one.is_there else one.remedy,
        }
        for one in found
    ]
    columns = {"what": _("What"), "state": _("State"), "detail": _("Detail"), "remedy": _("What to do")}
    print_rows(rows, columns, form)
    if any(one.is_required and not one.is_there for one in found):
        sys.exit(Exit.UNAVAILABLE)
    if "://" not in session.register_place and not Path(session.register_place).exists():
        say_next("scope add 192.168.10.0/24 --site hq --segment office")


def examine(session: Session) -> Iterator[Finding]:
    """Everything the commands rely on, required things first. Changes nothing; never raises."""
    version = platform.python_version()
    remedy = _("install Python {least} or newer").format(least=".".join(map(str, _LEAST_PYTHON)))
    yield Finding("Python", sys.version_info >= _LEAST_PYTHON, True, version, remedy)
    yield _register(session)
    yield _program("ip", "iproute2", _("the sweep asks it for routes"), is_required=True)
    yield _raw_sockets()
    yield _namespaces()
    yield _program("nft", "nftables", _("the pretend office's router"), is_required=False)
    yield _program("nmap", "nmap", _("a second opinion (--nmap)"), is_required=False)
    yield _encoding()


def _register(session: Session) -> Finding:
    what = _("Register")
    try:
        place = session.register_place
    except MusterError as error:
        return Finding(
            what, is_there=False, is_required=True, detail=str(error), remedy=_("mend the setting")
        )
    if "://" in place:
        return Finding(what, is_there=True, is_required=True, detail=place.rpartition("@")[2])
    path = Path(place)
    nearest = next(folder for folder in (path.parent, *path.parent.parents) if folder.exists())
    writable = os.access(path if path.exists() else nearest, os.W_OK)
    remedy = _("make it writable, or name another with --register PATH")
    return Finding(what, writable, is_required=True, detail=place, remedy=remedy)


def _raw_sockets() -> Finding:
    from agent.transport.raw.link import how_to_grant, may_open

    remedy = _("run as root, or `{command}`; without it use `muster scan --connect`")
    return Finding(
        "CAP_NET_RAW",
        may_open(),
        is_required=False,
        detail=_("ARP, echo and SYN sweeps"),
        remedy=remedy.format(command=how_to_grant()),
    )


def _namespaces() -> Finding:
    wanted = ["unshare", "-nm", "true"] if os.geteuid() == 0 else ["unshare", "-Urnm", "true"]
    remedy = _(
        "sysctl kernel.unprivileged_userns_clone=1, on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0"
    )
    return Finding(
        _("Network namespaces"),
        _succeeds(lambda: subprocess.run(wanted, capture_output=True, timeout=_SECONDS, check=True)),
        is_required=False,
        detail=_("the pretend office (`muster lab`)"),
        remedy=remedy,
    )


def _program(name: str, package: str, purpose: str, *, is_required: bool) -> Finding:
    found = shutil.which(name)
    remedy = f"apt install {package}"
    return Finding(name, found is not None, is_required, f"{found or name}: {purpose}", remedy)


def _encoding() -> Finding:
    encoding = locale.getpreferredencoding(do_setlocale=False)
    fits = encoding.replace("-", "").lower() == "utf8"
    return Finding(
        _("Locale"),
        fits,
        is_required=False,
        detail=encoding,
        remedy=_("use a UTF-8 locale, for example LANG=C.UTF-8"),
    )


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, subprocess.SubprocessError):
        return False
    return True
