"""What the command counts can be wrong: a damaged text is an alarm; and several processes answer as one does."""

from __future__ import annotations

from tests.blame.jobs import answer, in_order
from tests.blame.learner import STYLES, text_of

FILE = next(file for file in STYLES if file.stem == "column_relu")
TEXT = text_of(FILE)
DAMAGED = TEXT.replace("dh1 * (z1 > 0)", "dh1")


def test_a_text_that_is_not_correct_is_told_so() -> None:
    """The count of false alarms would see one; a correct text is told nothing."""
    assert DAMAGED != TEXT
    assert "relu-mask-missing" in answer(DAMAGED).alarm
    told = answer(TEXT)
    assert (told.alarm, told.crash, told.unfinished) == ("", "", False)


def test_answers_come_in_the_order_of_the_texts() -> None:
    """In two processes as in one."""
    texts = [DAMAGED, TEXT, text_of(FILE, 1), DAMAGED, TEXT, TEXT]
    one, two = ([told.alarm for told in in_order(answer, texts, jobs)] for jobs in (1, 2))
    assert one == two
    assert [bool(alarm) for alarm in two] == [True, False, False, True, False, False]
