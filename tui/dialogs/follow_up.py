"""The form in which people say who sees to a finding, until when, or something of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import partial

from rich.text import Text

from inventory.language import N_, _
from tui import words
from tui.dialogs.form import Field, Form


def follow_up_form(
    finding: str,
    assignee: str,
    due: date,
    people: Sequence[str],
    save: Callable[[Mapping[str, str]], Awaitable[int]],
) -> Form[int]:
    """A form over what is said of one finding; `people` are those the register has already."""
    return Form(
        lambda: Text(_("Who sees to it, until when"), style="bold"),
        [
            Field("assignee", partial(_, N_("Assigned to")), assignee, tuple(people), open_list=True),
            Field("due", partial(_, N_("Due")), words.day(due), check=words.day_typed),
            Field("comment", partial(_, N_("Comment"))),
        ],
        save,
        draft=f"finding {finding}",
    )
