"""``python -m tui`` is ``chainstep``."""

import sys

from tui.cli import main

sys.exit(main())
