"""One line for what just happened: it stays until something else does, so that nobody has to be quick."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui import words


class MessageLine(Widget):
    """Shows news (`✔`) or trouble (`✘`); no room is taken while there is nothing to say."""

    DEFAULT_CSS = """
    MessageLine { height: auto; max-height: 3; display: none; padding: 0 1; background: $surface; }
    MessageLine.-said { display: block; }
    MessageLine.-trouble { color: $text-error; }
    MessageLine.-news { color: $text-success; }
    """
    message: reactive[str] = reactive("", layout=True)

    def news(self, message: str) -> None:
        """Something went well."""
        self._say(message, trouble=False)

    def trouble(self, message: str) -> None:
        """Something did not."""
        self._say(message, trouble=True)

    def clear(self) -> None:
        """Says nothing."""
        self.message = ""
        self.remove_class("-said")

    def render(self) -> Text:
        """The message with its sign."""
        sign = words.sign("✘" if self.has_class("-trouble") else "✔")
        return Text(f"{sign} {self.message}" if self.message else "")

    def _say(self, message: str, *, trouble: bool) -> None:
        self.message = words.printable(message.replace("\n", " "))
        self.set_class(trouble, "-trouble")
        self.set_class(not trouble, "-news")
        self.add_class("-said")
