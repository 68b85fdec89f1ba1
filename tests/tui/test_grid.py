"""Arrays of any number of axes as rows and columns, slice by slice, compared with NumPy's own indexing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.grid import cell_of, clamp, grid_of, index_of, leading, ravel, transposed, unravel

SHAPES = st.lists(st.integers(min_value=1, max_value=4), max_size=4).map(tuple)


@given(SHAPES)
def test_every_entry_is_in_its_cell_of_the_slice_that_its_leading_index_names(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    rows, columns = grid_of(shape)
    seen = set()
    for lead in np.ndindex(*leading(shape)):
        matrix = np.asarray(array[lead]).reshape(rows, columns)
        for row in range(rows):
            for column in range(columns):
                index = index_of(shape, (row, column), lead)
                assert array[index] == matrix[row, column]
                assert cell_of(shape, index) == (row, column)
                seen.add(index)
    assert len(seen) == array.size


@given(SHAPES, st.tuples(st.integers(-9, 99), st.integers(-9, 99)))
def test_the_nearest_cell_is_one_that_exists(shape: tuple[int, ...], cell: tuple[int, int]) -> None:
    rows, columns = grid_of(shape)
    row, column = clamp(cell, shape)
    assert 0 <= row < rows and 0 <= column < columns
    assert clamp((row, column), shape) == (row, column)


@given(st.lists(st.integers(min_value=1, max_value=4), min_size=2, max_size=4).map(tuple), st.data())
def test_swapping_the_last_two_axes_keeps_the_entry_and_the_slice(shape: tuple[int, ...], data: st.DataObject) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    mirrored = array.swapaxes(-1, -2)
    rows, columns = grid_of(shape)
    cell = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)))
    lead = tuple(data.draw(st.integers(0, size - 1)) for size in leading(shape))
    there = transposed(cell, shape, mirrored.shape)
    assert mirrored[index_of(mirrored.shape, there, lead)] == array[index_of(shape, cell, lead)]
    assert transposed(there, mirrored.shape, shape) == cell


@given(SHAPES, st.data())
def test_entries_are_numbered_as_numpy_numbers_them(shape: tuple[int, ...], data: st.DataObject) -> None:
    index = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
    assert ravel(shape, index) == (np.ravel_multi_index(index, shape) if shape else 0)
    assert unravel(shape, ravel(shape, index)) == index


def test_a_vector_stays_a_vector_or_becomes_a_column() -> None:
    assert transposed((0, 3), (5,), (5,)) == (0, 3)
    assert transposed((0, 3), (5,), (5, 1)) == (3, 0)
    assert transposed((3, 0), (5, 1), (5,)) == (0, 3)


def test_an_array_without_entries_has_a_cell_to_stand_on_all_the_same() -> None:
    assert clamp((2, 2), (0, 3)) == (0, 2)
    assert clamp((0, 0), (3, 0)) == (0, 0)
