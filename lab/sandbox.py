"""Namespaces that vanish with the process: a user, mount, network and PID namespace of our own.

Built with unshare(2) in a forked child, so the office inherits everything already loaded.
Root needs no user namespace; an ordinary user is mapped to root inside (user_namespaces(7)).
The office is PID 1 inside: when it ends, the kernel kills all its processes, and with the last
of them the network namespaces go (pid_namespaces(7), network_namespaces(7)).
"""

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from lab.errors import CannotBuild, Exit

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_PR_SET_PDEATHSIG = 1

_NEEDED = (("ip", "iproute2"), ("nft", "nftables"), ("nsenter", "util-linux"))
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, seen from outside."""

    warden: int
    """The child that waits for PID 1 and ends with its exit code."""
    leash: int
    """File descriptor; when its last holder closes it, the office takes itself down."""


def check_possible() -> None:
    """Raises CannotBuild, saying what is missing and what to do, when no lab can be built here."""
    if sys.platform != "linux":
        raise CannotBuild("the lab needs Linux: it is made of network namespaces")
    path = f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}"
    for program, package in _NEEDED:
        if shutil.which(program, path=path) is None:
            raise CannotBuild(f"'{program}' is not installed; install the package {package}")
    child = os.fork()
    if child == 0:
        os._exit(_try_unshare())
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise CannotBuild(f"no network namespaces here: {os.strerror(abs(code))}; {_advice()}")


def start(
    inside: Callable[[int], int], after: Callable[[], None], *, detached_to: Path | None = None
) -> Sandbox:
    """Runs `inside(leash)` as PID 1 of new namespaces; its result is the warden's exit code.

    `after` runs in the warden once everything inside is gone, however it ended.
    A sandbox detached to a log file is a session of its own and holds its own leash.
    """
    leash, hold = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    warden = os.fork()
    if warden == 0:
        if detached_to:
            _detach(detached_to)
        else:
            os.close(hold)
        _be_warden(inside, after, leash)
    os.close(leash)
    return Sandbox(warden, hold)


@contextmanager
def entered(namespace: Path) -> Iterator[None]:
    """Within it, sockets and child processes belong to that network namespace."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(namespace)
        yield
    finally:
        _call("setns", home, _CLONE_NEWNET)
        os.close(home)


def enter(namespace: Path) -> None:
    """Moves this thread into a network namespace for good."""
    there = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("setns", there, _CLONE_NEWNET)
    finally:
        os.close(there)


def make_namespace(name: Path) -> None:
    """Makes a network namespace and pins it to a file of that name."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("unshare", _CLONE_NEWNET)
        pin_here(name)
    finally:
        _call("setns", home, _CLONE_NEWNET)
        os.close(home)


def pin_here(name: Path) -> None:
    """Pins the network namespace this thread stands in to a file of that name."""
    name.touch()
    bind(Path("/proc/self/ns/net"), name)


def bind(source: Path, target: Path) -> None:
    """Mounts one file over another, in our mount namespace only."""
    _call("mount", str(source).encode(), str(target).encode(), None, _MS_BIND, None)


def _detach(log: Path) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)


def _be_warden(inside: Callable[[int], int], after: Callable[[], None], leash: int) -> NoReturn:
    code = int(Exit.FAILED)
    try:
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(ignored, signal.SIG_IGN)
        _unshare()
        first = os.fork()
        if first == 0:
            _be_first(inside, leash)
        os.close(leash)
        _, status = os.waitpid(first, 0)
        code = os.waitstatus_to_exitcode(status)
        after()
    except OSError as error:
        _say(f"the sandbox could not be made: {error.strerror}")
    finally:
        os._exit(code if code >= 0 else 128 - code)


def _be_first(inside: Callable[[int], int], leash: int) -> NoReturn:
    code = int(Exit.FAILED)
    try:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # Only now, so that the warden's own view stays free of our mounts when it cleans up.
        _call("unshare", _CLONE_NEWNS)
        _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        with suppress(OSError):  # refused inside some containers; then /proc shows outer ids
            _call("mount", b"proc", b"/proc", b"proc", 0, None)
        code = inside(leash)
    except Exception as error:  # noqa: BLE001  # told in one line, for nobody above could
        _say(f"the office failed: {error!r}" if not isinstance(error, OSError) else str(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _unshare() -> None:
    flags = _CLONE_NEWNET | _CLONE_NEWPID
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        with suppress(PermissionError):  # a root without CAP_SYS_ADMIN tries as users do
            _call("unshare", flags)
            return
    _call("unshare", flags | _CLONE_NEWUSER)
    with suppress(FileNotFoundError):  # kernels before 3.19
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1", encoding="ascii")


def _try_unshare() -> int:
    try:
        _unshare()
    except OSError as error:
        return error.errno or 1
    return 0


def _advice() -> str:
    if os.geteuid() == 0:
        return "this root may not make them (a container?): run it with CAP_SYS_ADMIN"
    for switch, value in (
        ("kernel/unprivileged_userns_clone", "1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "0"),
    ):
        path = Path("/proc/sys", switch)
        if path.exists() and path.read_text(encoding="ascii").strip() != value:
            return f"allow them with `sysctl {switch.replace('/', '.')}={value}`, or run as root"
    limit = Path("/proc/sys/user/max_user_namespaces")
    if limit.exists() and limit.read_text(encoding="ascii").strip() == "0":
        return "allow them with `sysctl user.max_user_namespaces=10000`, or run as root"
    return "run as root, or allow unprivileged user namespaces"


def _call(name: str, *arguments: bytes | int | None) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _say(message: str) -> None:
    os.write(2, f"lab: {message}\n".encode())
