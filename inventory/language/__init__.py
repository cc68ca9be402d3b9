"""The language of messages: English in the code, 繁體中文 in locale/zh_TW (gettext, kept with Babel).

`_` is looked up at the moment of the call, so a screen can switch languages while it runs. Text that is
written down before the language is known (tables of names) is marked with `N_` and shown with `_`.
"""

import gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh_TW")
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_current: gettext.NullTranslations = gettext.NullTranslations()
_name = "en"
_spoken: ContextVar[str] = ContextVar("spoken", default="")


def choose(name: str | None) -> str:
    """Sets the language by name or, for None, by the environment's locale; gives the one now in force."""
    global _current, _name  # noqa: PLW0603 - gettext's own model: one language per process
    _name = _known(name or _from_environment())
    _current = _catalogue(_name)
    return _name


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Within, this thread's messages are in the language `name`, whatever is chosen for the process."""
    token = _spoken.set(_known(name))
    try:
        yield
    finally:
        _spoken.reset(token)


def current() -> str:
    """The language in force: `en` or `zh_TW`."""
    return _spoken.get() or _name


def is_chinese() -> bool:
    """True where texts that the packs carry in both languages are to be shown in Chinese."""
    return current() == "zh_TW"


def _(message: str) -> str:
    """The message in the language in force."""
    return _in_force().gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The message in its singular or plural form in the language in force."""
    return _in_force().ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for a deferred message
    """Marks a message for translation where it is written, to be shown later with `_`."""
    return message


def _in_force() -> gettext.NullTranslations:
    spoken = _spoken.get()
    return _catalogue(spoken) if spoken else _current


@cache
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation("muster", _LOCALE_FOLDER, languages=[name], fallback=True)


def _from_environment() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return value
    return locale.getlocale()[0] or "en"


def _known(name: str) -> str:
    return "zh_TW" if name.replace("-", "_").lower().startswith("zh") else "en"
