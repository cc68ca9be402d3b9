"""The SSH login against a server of another hand (paramiko): password, dialogue, old algorithms."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from agent.logins.protocol import Credential, Seen, Way
from agent.logins.secrecy import Secret
from agent.logins.ssh import attempt
from agent.permit import Gate, Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.types import Scope, Touch, TryOutcome

paramiko = pytest.importorskip("paramiko", reason="the SSH server of another hand is not installed")


class Doorman(paramiko.ServerInterface):  # type: ignore[misc, name-defined]
    """Lets `admin` in with `right`, by the methods it is told, and counts the tries."""

    def __init__(self, methods: str) -> None:
        self.methods = methods
        self.tries: list[str] = []
        self.responses: list[str] = []
        self.asked: list[str] = []
        self.is_able = True
        self.wants_more = False
        self.question = "Password: "

    def get_allowed_auths(self, username: str) -> str:
        return self.methods

    def check_auth_password(self, username: str, password: str) -> int:
        if "password" not in self.methods.split(","):
            return int(paramiko.AUTH_FAILED)
        self.tries.append(username)
        accepted = (username, password) == ("admin", "right")
        if accepted and self.wants_more:
            return int(paramiko.AUTH_PARTIALLY_SUCCESSFUL)
        return int(paramiko.AUTH_SUCCESSFUL if accepted else paramiko.AUTH_FAILED)

    def check_auth_none(self, username: str) -> int:
        self.asked.append(username)
        return int(paramiko.AUTH_SUCCESSFUL if self.methods == "none" else paramiko.AUTH_FAILED)

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        self.tries.append(username)
        return paramiko.InteractiveQuery("", "", (self.question, False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        self.responses += responses
        return int(paramiko.AUTH_SUCCESSFUL if responses == ["right"] else paramiko.AUTH_FAILED)


@contextmanager
def server(methods: str, **preferred: list[str]) -> Iterator[tuple[int, Doorman]]:
    doorman = Doorman(methods)
    key = paramiko.ECDSAKey.generate()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listening.accept()
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        try:
            for name, values in preferred.items():
                setattr(transport.get_security_options(), name, values)
            transport.start_server(server=doorman)
            transport.join(10)
        except ValueError:
            doorman.is_able = False
        except (paramiko.SSHException, EOFError):
            pass  # the client has hung up; what it tried is counted
        finally:
            transport.close()
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1], doorman
    finally:
        listening.close()
        thread.join(15)
        assert not thread.is_alive()


async def tried(port: int, password: str) -> TryOutcome:
    admitted = Gate([Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN)]).admit("127.0.0.1", Touch.LOGIN)
    assert isinstance(admitted, Permit)
    door = Door(Pace(1e6, 1e6), Limits(), 1)
    answer = await attempt(door, admitted, Way("ssh", port), Seen(), Credential("admin", Secret(password)))
    return answer.outcome


@pytest.mark.parametrize(
    ("password", "outcome"), [("right", TryOutcome.ACCEPTED), ("no", TryOutcome.REFUSED)]
)
@pytest.mark.parametrize("methods", ["password", "password,keyboard-interactive", "keyboard-interactive"])
async def test_one_account_one_try(methods: str, password: str, outcome: TryOutcome) -> None:
    with server(methods) as (port, doorman):
        assert await tried(port, password) is outcome
    assert doorman.tries == ["admin"]


@pytest.mark.parametrize(
    ("methods", "outcome"), [("publickey", TryOutcome.UNCLEAR), ("none", TryOutcome.OPEN)]
)
async def test_no_password_leaves_where_none_is_taken(methods: str, outcome: TryOutcome) -> None:
    with server(methods) as (port, doorman):
        assert await tried(port, "right") is outcome
    assert (doorman.asked, doorman.tries) == (["admin"], [])


async def test_who_is_asked_for_something_further_gave_the_right_password() -> None:
    with server("password") as (port, doorman):
        doorman.wants_more = True
        assert await tried(port, "right") is TryOutcome.ACCEPTED
    with server("password") as (port, doorman):
        doorman.wants_more = True
        assert await tried(port, "no") is TryOutcome.REFUSED


async def test_a_question_for_a_code_gets_no_password() -> None:
    with server("keyboard-interactive") as (port, doorman):
        doorman.question = "Verification code: "
        assert await tried(port, "right") is TryOutcome.UNCLEAR
    assert doorman.responses == []


@pytest.mark.parametrize(
    "preferred",
    [
        {"ciphers": ["aes256-ctr"], "digests": ["hmac-sha1"]},
        {"ciphers": ["aes128-cbc"]},
        {"ciphers": ["3des-cbc"]},
        {"kex": ["diffie-hellman-group14-sha256"]},
        {"kex": ["diffie-hellman-group14-sha1"]},
        {"kex": ["diffie-hellman-group1-sha1"]},
    ],
    ids=lambda preferred: " ".join(value for values in preferred.values() for value in values),
)
async def test_what_old_devices_speak(preferred: dict[str, list[str]]) -> None:
    with server("password", **preferred) as (port, doorman):
        outcome = await tried(port, "right")
    if not doorman.is_able:
        pytest.skip("this paramiko no longer speaks it")
    assert outcome is TryOutcome.ACCEPTED
