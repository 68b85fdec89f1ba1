"""Backwards in many styles (helpers, classes, loops, lists, time steps): every line of each can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blame import styles
from tui.ascii import to_ascii
from tui.opening import open_target
from tui.own.judgement import judged
from tui.own.place import Place
from tui.paint.own.screen import paint_own

STYLES = sorted(Path(next(iter(styles.__path__))).glob("*.py"))
SIZES = ((64, 20), (80, 24), (120, 40), (200, 50))


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_every_line_of_every_style_can_be_looked_at(file: Path) -> None:
    """At every size the cursor's line is in view with what its array is; no sign gets lost in ASCII; all is right."""
    place = Place.start(judged(open_target(str(file))))
    assert place.judgement.mine is not None and place.judgement.mine.verdict == "right"
    seen = set()
    for row, one in enumerate(place.judgement.rows):
        here = place.select(row)
        if here.row != row:
            continue
        for size in SIZES:
            text = paint_own(here, *size).text()
            unbroken = " ".join(text.split())
            (marked,) = [line for line in text.splitlines() if line.startswith("▶")]
            assert one.text.strip()[:20] in marked
            if here.array is not None:
                seen.add(row)
                assert here.array.judged.name in text and (here.array.judged.equals or "") in unbroken
            assert to_ascii(text).count("?") == text.count("?")
    assert len(seen) == len(place.judgement.arrays) > 0


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_a_line_and_its_step_lead_to_each_other(file: Path) -> None:
    """From every line to its step, and from there to that line, or to another one that makes the same quantity."""
    place = Place.start(judged(open_target(str(file))))
    for row, one in enumerate(place.judgement.rows):
        here = place.select(row)
        if not one.stop or here.goes_to is None:
            continue
        step = here.goes_to.id
        assert here.at_step(step).row == row
        back = place.at_step(step)
        assert back.goes_to is not None and back.goes_to.id == step
