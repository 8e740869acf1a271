"""``python -m minidb`` is the command ``minidb``."""

from __future__ import annotations

import sys

from minidb.cli.main import main

sys.exit(main())
