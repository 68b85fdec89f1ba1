"""`chainstep list --operations`: what a file may use, made from the table."""

from __future__ import annotations

import json

import engine
from engine.ops import TABLE
from tests.command.running import chainstep


def test_every_operation_that_a_person_can_write_is_listed() -> None:
    """Each row of the table stands in the list with all the ways to write it."""
    shown = chainstep("list", "--operations").out
    for row in TABLE.values():
        for call in row.calls:
            assert call in shown


def test_the_list_as_json_says_what_has_no_gradient_and_why() -> None:
    """A program can ask which operations pass a gradient on."""
    rows = {
        row["name"]: row for row in json.loads(chainstep("list", "--operations", "--format", "json").out)["operations"]
    }
    assert set(rows) == {operation.name for operation in engine.operations()}
    assert rows["matmul"]["gradient"] and not rows["matmul"]["reason"]
    assert not rows["floor"]["gradient"] and "derivative is 0" in rows["floor"]["reason"]
    assert not rows["argmax"]["gradient"] and "position" in rows["argmax"]["reason"]


def test_what_the_engine_only_uses_itself_is_not_listed() -> None:
    """Rows that only a backward pass has are nobody's to write."""
    names = {operation.name for operation in engine.operations()}
    assert names.isdisjoint({"scatter", "same", "product_of_others", "eye"})
