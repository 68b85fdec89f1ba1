"""Arrays of any number of axes as rows and columns, and back, compared with NumPy's own reshape and indexing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.grid import clamp, flat_cell, grid_of, index_of, transposed

SHAPES = st.lists(st.integers(min_value=1, max_value=4), max_size=4).map(tuple)


@given(SHAPES)
def test_every_entry_is_in_the_cell_where_reshape_puts_it(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    rows, columns = grid_of(shape)
    seen = array.reshape(rows, columns)
    for row in range(rows):
        for column in range(columns):
            index = index_of(shape, (row, column))
            assert array[index] == seen[row, column]
            assert flat_cell(shape, index) == (row, column)


@given(SHAPES, st.tuples(st.integers(-9, 99), st.integers(-9, 99)))
def test_the_nearest_cell_is_one_that_exists(shape: tuple[int, ...], cell: tuple[int, int]) -> None:
    rows, columns = grid_of(shape)
    row, column = clamp(cell, shape)
    assert 0 <= row < rows and 0 <= column < columns
    assert clamp((row, column), shape) == (row, column)


@given(st.lists(st.integers(min_value=1, max_value=4), min_size=2, max_size=4).map(tuple), st.data())
def test_swapping_the_last_two_axes_keeps_the_entry(shape: tuple[int, ...], data: st.DataObject) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    mirrored = array.swapaxes(-1, -2)
    rows, columns = grid_of(shape)
    cell = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)))
    there = transposed(cell, shape, mirrored.shape)
    assert mirrored[index_of(mirrored.shape, there)] == array[index_of(shape, cell)]
    assert transposed(there, mirrored.shape, shape) == cell


def test_a_vector_stays_a_vector_or_becomes_a_column() -> None:
    assert transposed((0, 3), (5,), (5,)) == (0, 3)
    assert transposed((0, 3), (5,), (5, 1)) == (3, 0)
    assert transposed((3, 0), (5, 1), (5,)) == (0, 3)


def test_an_array_without_entries_has_a_cell_to_stand_on_all_the_same() -> None:
    assert clamp((2, 2), (0, 3)) == (0, 2)
    assert clamp((0, 0), (3, 0)) == (0, 0)
