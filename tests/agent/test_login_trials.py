"""Trying one login after another: where it stops, what it then says, and what of a fault is told."""

import traceback
from typing import Any

import pytest
from logins import MARKER, NOW, WINDOW, Book, device, door, permit

from agent.logins.families import Pair
from agent.logins.plan import LoginPlan, Step
from agent.logins.protocol import Answer, Credential, Login, Seen, Way, understood
from agent.logins.secrecy import Secret
from agent.logins.trial import LoginOutcome, Trial
from agent.permit import Permit
from agent.transport.door import Door
from inventory.types import FixedClock, TryOutcome


async def outcome_of(*answers: Answer | Exception, seconds: tuple[float, ...] = ()) -> tuple[Any, Book]:
    """The result of trying as many accounts as there are answers, on a pretended protocol."""
    left = list(answers)
    ticks = iter([0.0, 0.0, *seconds, *([0.0] * 50)])

    async def look(_door: Door, _permit: Permit, _way: Way) -> Seen:
        return Seen()

    async def attempt(*_arguments: Any) -> Answer:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    users = [f"user{n}" for n in range(len(answers))]
    return await trial_of(look, attempt, *users, monotonic=lambda: next(ticks))


async def trial_of(
    look: Any, attempt: Any, *accounts: str, book: Book | None = None, monotonic: Any = lambda: 0.0
) -> tuple[Any, Book]:
    """The result of trying these accounts on a protocol that is looked at and tried so."""
    way, book = Way("web", 80), book or Book()
    steps = tuple(
        Step(Pair(f"f/{n}", "f", account, Secret(MARKER), ("web",), "", ""), (way,))
        for n, account in enumerate(accounts)
    )
    login = Login("web", "tcp", (80,), look, attempt)
    trial = Trial(door(), permit(), book, FixedClock(NOW), WINDOW, (login,), monotonic)
    return await trial.run(LoginPlan(device(), steps, families=("f",))), book


REFUSED = Answer(TryOutcome.REFUSED, "no")


async def test_it_stops_at_the_first_hit() -> None:
    result, book = await outcome_of(REFUSED, Answer(TryOutcome.ACCEPTED, "in"), REFUSED)
    assert (result.outcome, result.account, result.tried) == (LoginOutcome.DEFAULT, "user1", 2)
    assert book.outcomes == [TryOutcome.REFUSED, TryOutcome.ACCEPTED]


async def test_changed_is_said_only_when_everything_published_was_refused() -> None:
    assert (await outcome_of(REFUSED, REFUSED))[0].outcome is LoginOutcome.CHANGED
    result, _book = await outcome_of(REFUSED, Answer(TryOutcome.UNCLEAR, "silence"))
    assert result.outcome is LoginOutcome.NOT_EVALUABLE


@pytest.mark.parametrize("sign", [TryOutcome.LOCKED, TryOutcome.WARNED])
async def test_any_sign_of_a_lockout_ends_it(sign: TryOutcome) -> None:
    result, book = await outcome_of(Answer(sign, "locked"), REFUSED, REFUSED)
    assert result.outcome is LoginOutcome.LOCKED
    assert len(book.rows) == 1


async def test_an_answer_that_comes_much_later_ends_it() -> None:
    result, book = await outcome_of(REFUSED, REFUSED, REFUSED, seconds=(0.0, 2.0, 2.0, 9.0))
    assert result.outcome is LoginOutcome.LOCKED
    assert len(book.rows) == 2


async def test_a_device_that_takes_its_time_from_the_first_is_not_ever_slower() -> None:
    result, book = await outcome_of(REFUSED, REFUSED, seconds=(0.0, 4.0, 4.0, 8.0))
    assert (result.outcome, len(book.rows)) == (LoginOutcome.CHANGED, 2)


async def test_a_crash_of_a_protocol_tells_its_kind_and_not_its_words() -> None:
    result, book = await outcome_of(RuntimeError(f"about {MARKER}"))
    assert result.outcome is LoginOutcome.NOT_EVALUABLE
    assert MARKER not in repr(result)
    assert book.outcomes == [TryOutcome.UNCLEAR]


@pytest.mark.parametrize(
    ("words", "outcome"),
    [("Your account is locked for 30 minutes", TryOutcome.LOCKED),
     ("Too many failed logins", TryOutcome.LOCKED),
     ("請稍後再試", TryOutcome.LOCKED), ("Wrong password, 2 attempts remaining", TryOutcome.WARNED),
     ("剩餘 3 次", TryOutcome.WARNED), ("Wrong user name or password", TryOutcome.REFUSED),
     ("Another administrator is logged in", TryOutcome.UNCLEAR), ("Session expired", TryOutcome.UNCLEAR),
     ("CSRF token missing", TryOutcome.UNCLEAR), ("Cookies must be enabled", TryOutcome.UNCLEAR),
     ("You must change your password", TryOutcome.UNCLEAR), ("請輸入驗證碼", TryOutcome.UNCLEAR)],
)  # fmt: skip
def test_what_a_refusal_says_is_heeded(words: str, outcome: TryOutcome) -> None:
    assert understood(words, REFUSED).outcome is outcome


async def test_a_port_that_closes_after_a_try_ends_the_window() -> None:
    shown = iter([Seen(once=True), Seen(Answer(TryOutcome.UNCLEAR, "refused"), gone=True)])

    async def look(_door: Door, _permit: Permit, _way: Way) -> Seen:
        return next(shown)

    async def attempt(*_arguments: Any) -> Answer:
        return REFUSED

    result, book = await trial_of(look, attempt, "admin", "user")
    assert (result.outcome, result.tried) == (LoginOutcome.LOCKED, 1)
    assert book.outcomes == [TryOutcome.LOCKED]


async def test_a_port_that_is_gone_before_any_try_locks_nobody_out() -> None:
    async def look(_door: Door, _permit: Permit, _way: Way) -> Seen:
        return Seen(Answer(TryOutcome.UNCLEAR, "refused"), gone=True)

    result, book = await trial_of(look, look, "admin", "user")
    assert (result.outcome, book.rows) == (LoginOutcome.NOT_EVALUABLE, [])


async def test_what_is_good_for_one_try_is_looked_at_before_each() -> None:
    looks: list[Way] = []

    async def look(_door: Door, _permit: Permit, way: Way) -> Seen:
        looks.append(way)
        return Seen(once=True)

    async def attempt(*_arguments: Any) -> Answer:
        return REFUSED

    await trial_of(look, attempt, "admin", "user", "guest")
    assert len(looks) == 3


async def test_a_device_that_falls_silent_after_a_try_is_left_alone() -> None:
    silence = Answer(TryOutcome.UNCLEAR, "silent", silent=True)
    result, book = await outcome_of(REFUSED, silence, REFUSED)
    assert (result.outcome, result.tried) == (LoginOutcome.LOCKED, 2)
    assert book.outcomes == [TryOutcome.REFUSED, TryOutcome.LOCKED]


async def test_silence_at_the_first_try_of_a_port_that_never_spoke_locks_nobody_out() -> None:
    silence = Answer(TryOutcome.UNCLEAR, "silent", silent=True)
    result, _book = await outcome_of(silence)
    assert result.outcome is LoginOutcome.NOT_EVALUABLE


WEB, ONVIF = Way("web", 80), Way("onvif", 80)


async def on_web_and_onvif(onvif: Seen, step: Step) -> Any:
    """The result of a pair that both protocols may take, web refusing it."""

    async def look(_door: Door, _permit: Permit, way: Way) -> Seen:
        return onvif if way == ONVIF else Seen()

    async def attempt(*_arguments: Any) -> Answer:
        return REFUSED

    logins = [Login(name, "tcp", (80,), look, attempt) for name in ("web", "onvif")]
    trial = Trial(door(), permit(), Book(), FixedClock(NOW), WINDOW, logins, lambda: 0.0)
    return await trial.run(LoginPlan(device(), (step,), bare=(ONVIF,), families=("f",)))


async def test_a_pair_refused_on_one_of_its_protocols_is_not_called_changed() -> None:
    pair = Pair("f/1", "f", "admin", Secret(MARKER), ("web", "onvif"), "", "")
    result = await on_web_and_onvif(Seen(), Step(pair, (WEB, ONVIF)))
    assert result.outcome is LoginOutcome.NOT_EVALUABLE
    assert "f/1 (onvif)" in result.reason


async def test_a_protocol_that_was_only_supposed_keeps_nothing_open() -> None:
    pair = Pair("f/1", "f", "admin", Secret(MARKER), ("web", "onvif"), "", "")
    absent = Seen(Answer(TryOutcome.UNCLEAR, "status 404"), absent=True)
    last = await on_web_and_onvif(absent, Step(pair, (ONVIF,), settled=("web",)))
    assert (last.outcome, last.tried) == (LoginOutcome.CHANGED, 0)
    unheard = await on_web_and_onvif(Seen(Answer(TryOutcome.UNCLEAR, "?")), Step(pair, (ONVIF,), ("web",)))
    assert unheard.outcome is LoginOutcome.NOT_EVALUABLE


async def test_a_fault_of_the_book_shows_no_password_even_with_all_its_frames() -> None:
    """A crash reporter that prints what every frame held would find the secret only inside the try itself."""

    class Broken(Book):
        def settle_login(self, number: int, outcome: TryOutcome) -> None:
            raise OSError("the disk is full")

    async def look(_door: Door, _permit: Permit, _way: Way) -> Seen:
        return Seen()

    async def attempt(_door: Door, _permit: Permit, _way: Way, _seen: Seen, who: Credential) -> Answer:
        body = f"password={who.password.reveal()}"
        raise RuntimeError(body)

    with pytest.raises(OSError, match="disk") as caught:
        await trial_of(look, attempt, "admin", book=Broken())
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "settle_login" in shown
    assert MARKER not in shown
