"""The form in which people say where devices stand: confirmed, in service, retired, or discovered again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _, ngettext
from inventory.roles import Role, may
from inventory.types import DeviceStatus
from tui import words
from tui.dialogs.form import Field, Form


def status_form(
    names: Sequence[str], role: Role, save: Callable[[DeviceStatus], Awaitable[int]]
) -> Form[int]:
    """Offers what the role may say; that a device is not seen lately, only scans say."""
    offered = [each for each in DeviceStatus if each is not DeviceStatus.UNSEEN]
    known = {each.value: words.name(each) for each in offered if may(role, "set_status", names, each)}

    async def take(said: Mapping[str, str]) -> int:
        if not said.get("status"):
            raise UsageFault(_("say where they stand"))
        return await save(DeviceStatus(words.word_typed(known, said["status"])))

    def title() -> Text:
        count = len(names)
        return Text(ngettext("{count:,} device", "{count:,} devices", count).format(count=count), "bold")

    check = partial(words.word_typed, known)
    return Form(
        title, [Field("status", partial(_, N_("Status")), "", tuple(known.values()), check=check)], take
    )
