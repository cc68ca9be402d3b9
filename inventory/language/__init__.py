"""The language of messages: English in the code, 繁體中文 in locale/zh_TW (gettext, kept with Babel).

`_` is looked up at the moment of the call, so a screen can switch languages while it runs. Text that is
written down before the language is known (tables of names) is marked with `N_` and shown with `_`.
"""

import gettext
import locale
import os
from pathlib import Path

LANGUAGES = ("en", "zh_TW")
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_current: gettext.NullTranslations = gettext.NullTranslations()
_name = "en"


def choose(name: str | None) -> str:
    """Sets the language by name or, for None, by the environment's locale; gives the one now in force."""
    global _current, _name  # noqa: PLW0603 - gettext's own model: one language per process
    _name = _known(name or _from_environment())
    _current = gettext.translation("muster", _LOCALE_FOLDER, languages=[_name], fallback=True)
    return _name


def current() -> str:
    """The language in force: `en` or `zh_TW`."""
    return _name


def is_chinese() -> bool:
    """True where texts that the packs carry in both languages are to be shown in Chinese."""
    return _name == "zh_TW"


def _(message: str) -> str:
    """The message in the language in force."""
    return _current.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The message in its singular or plural form in the language in force."""
    return _current.ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for a deferred message
    """Marks a message for translation where it is written, to be shown later with `_`."""
    return message


def _from_environment() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return value
    return locale.getlocale()[0] or "en"


def _known(name: str) -> str:
    return "zh_TW" if name.replace("-", "_").lower().startswith("zh") else "en"
