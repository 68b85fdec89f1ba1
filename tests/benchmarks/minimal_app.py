"""The smallest Textual app that shows something: what start-up is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class MinimalApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("ready to be compared with")


if __name__ == "__main__":
    MinimalApp().run()
