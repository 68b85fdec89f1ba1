"""Which files have changed on disk since they were last looked at. Editors that write a new file are no exception."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Watch:
    """Some files as they were: time of the last change, size and number on the disk; None of a file that is gone."""

    stamps: Mapping[str, Stamp | None] = field(default_factory=dict)

    @classmethod
    def on(cls, files: Iterable[str]) -> Watch:
        """The files as they are now."""
        return cls({file: _stamp(file) for file in files})

    def also(self, files: Iterable[str]) -> Watch:
        """These files too, as they are now; of those that are watched already the first look stays."""
        return Watch({**Watch.on(file for file in files if file not in self.stamps).stamps, **self.stamps})

    def now(self) -> Watch:
        """The same files as they are now."""
        return Watch.on(self.stamps)

    def changed(self, now: Watch) -> list[str]:
        """The files that are not as they were, and that there are."""
        return [file for file, stamp in now.stamps.items() if stamp is not None and stamp != self.stamps.get(file)]

    def gone(self, now: Watch) -> list[str]:
        """The files that there were and that there are no more."""
        return [file for file, stamp in now.stamps.items() if stamp is None and self.stamps.get(file) is not None]


def _stamp(file: str) -> Stamp | None:
    try:
        found = Path(file).stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
