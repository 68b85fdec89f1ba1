"""The theme: every style name is told apart by its colours, and by something else where there are none."""

from __future__ import annotations

import pytest
from rich.style import Style

from tui.numbers import HEAT_LEVELS
from tui.theme import BACKGROUND, Depth, Rgb, depth_of, heat_colour, heat_share, knows, style

HEATS = [f"{kind}{sign}{level:02}" for kind in ("heat", "lit") for sign in "+-" for level in range(HEAT_LEVELS)]
TEXTS = ["text", "dim", "zero", "one", "param", "grad", "mask", "activation", "data", "lit", "marker", "bracket", "bad"]
DEPTHS: list[Depth] = ["truecolor", "standard", "none"]


def luminance(colour: Rgb) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(name: str) -> float:
    """The contrast of a style's text against its own background."""
    found = style(name)
    assert found.color is not None and found.bgcolor is not None
    front, back = found.color.get_truecolor(), found.bgcolor.get_truecolor()
    light, dark = sorted((luminance(tuple(front)), luminance(tuple(back))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", [*TEXTS, "active", "title", "page", "pending", "wrong", "ok", *HEATS])
def test_every_style_can_be_read(name: str) -> None:
    """4.5 to 1 or better, dim text and the hottest cells included (WCAG AA)."""
    assert contrast(name) >= 4.5


def test_heat_is_blended_as_the_table_of_colours_says() -> None:
    """t = 0.12 … 0.95 from the background to blue (40,120,200) and orange (200,88,16)."""
    assert (heat_share(0), heat_share(HEAT_LEVELS - 1)) == (pytest.approx(0.12), pytest.approx(0.95))
    assert heat_colour(False, 32) == tuple(
        round(b + (h - b) * 0.95) for b, h in zip(BACKGROUND, (40, 120, 200), strict=True)
    )
    assert heat_colour(True, 0) == tuple(
        round(b + (h - b) * 0.12) for b, h in zip(BACKGROUND, (200, 88, 16), strict=True)
    )


def test_heat_rises_with_the_level() -> None:
    for negative in (False, True):
        steps = [luminance(heat_colour(negative, level)) for level in range(HEAT_LEVELS)]
        assert steps == sorted(steps)


@pytest.mark.parametrize("depth", DEPTHS)
def test_what_must_be_seen_is_seen_without_hues(depth: Depth) -> None:
    """The cursor is a block (reversed or with a background), what is lit is bold and underlined, at every depth."""
    active = style("active", depth)
    assert active.reverse or active.bgcolor is not None
    for name in ("lit", "lit+20", "lit-20", "active-underline"):
        assert style(name, depth).bold and style(name, depth).underline
    assert style("one", depth).bold and not style("zero", depth).bold


def test_without_colour_there_is_no_colour() -> None:
    for name in [*TEXTS, "active", "title", *HEATS]:
        assert style(name, "none").color is None
        assert style(name, "none").bgcolor is None


def test_sixteen_colours_have_three_levels_for_each_sign() -> None:
    """Weak, middle and strong values look different, and no positive one looks like a negative one."""
    looks = {sign: [style(f"heat{sign}{level:02}", "standard") for level in range(HEAT_LEVELS)] for sign in ("+", "-")}
    assert len(set(looks["+"])) == len(set(looks["-"])) == 3
    assert not set(looks["+"]) & set(looks["-"])
    assert all(one.color is not None and one.color.number is not None for one in looks["+"])


def test_styles_are_built_once() -> None:
    """Building Rich styles dominates painting, so a name gives the same object again."""
    assert all(style(name, depth) is style(name, depth) for name in HEATS + TEXTS for depth in DEPTHS)


def test_an_unknown_name_is_told_and_looks_like_text() -> None:
    assert not any(knows(name) for name in ("heat+33", "heat*01", "lit+1", "nonsense"))
    assert all(knows(name) for name in HEATS + TEXTS)
    assert style("nonsense") == style("text")
    assert isinstance(style("nonsense"), Style)


@pytest.mark.parametrize(
    ("no_color", "system", "depth"),
    [
        (True, "truecolor", "none"),
        (False, None, "none"),
        (False, "standard", "standard"),
        (False, "windows", "standard"),
        (False, "256", "truecolor"),
        (False, "truecolor", "truecolor"),
    ],
)
def test_the_terminal_decides_the_depth(no_color: bool, system: str | None, depth: str) -> None:
    assert depth_of(no_color, system) == depth
