"""``python -m nas_desktop``."""

import sys

from nas_desktop.app.command_line import main

sys.exit(main())
