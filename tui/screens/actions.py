"""Where the actions of the key registry live: with the debugger's screen, or with the app that opens other screens."""

from __future__ import annotations

from tui.keys import Key

_OF_THE_APP = {
    "quit": "app.quit",
    "open": "app.pick",
    "reload": "app.reload",
    "help": "app.help",
    "own": "app.own",
    "command_palette": "app.command_palette",
}


def action_of(key: Key) -> str:
    """The action of a key as Textual finds it from the debugger's screen."""
    return _OF_THE_APP.get(key.action, key.action)
