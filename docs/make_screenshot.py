"""Makes docs/regression.svg, the picture in README, from the real app: ``python docs/make_screenshot.py``."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

# Read when Textual is imported: full colour, whatever terminal this runs in.
os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"
os.environ.pop("NO_COLOR", None)
sys.path.insert(0, str(Path(__file__).parents[1]))

from tui.app import ChainstepApp

SCENARIO, STEP, SIZE = "regression", "B6", (120, 40)
PICTURE = Path(__file__).with_name(f"{SCENARIO}.svg")


async def picture() -> str:
    """The app on one step, as Textual draws its screen."""
    app = ChainstepApp(SCENARIO)
    async with app.run_test(size=SIZE) as pilot:
        while app.main.debugger is None:
            await asyncio.sleep(0.01)
        app.main.move(lambda here: here.go_to(STEP).set_cell("result", 0, 1).cycle_rail())
        await pilot.pause()
        return app.export_screenshot(title="chainstep regression")


def self_contained(svg: str) -> str:
    """The picture without fonts from the network, its blanks kept by every viewer."""
    svg = re.sub(r" *@font-face \{.*?\n *\}\n", "", svg, flags=re.DOTALL)
    svg = svg.replace(
        "font-family: Fira Code, monospace", "font-family: 'DejaVu Sans Mono', Menlo, Consolas, monospace"
    )
    return svg.replace("<text ", '<text xml:space="preserve" ').replace("&#160;", " ")


if __name__ == "__main__":
    PICTURE.write_text(self_contained(asyncio.run(picture())), encoding="utf-8")
