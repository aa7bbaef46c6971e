"""`python -m dispatch.cli`: the same as `gridcrew`."""

import sys

from dispatch.cli import main

sys.exit(main())
