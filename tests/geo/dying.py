"""A module as `geo.readers.apart` runs it, whose engine dies or does what its file says."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from geo.errors import GeoError, GeoFault
from geo.readers.apart import answer

if __name__ == "__main__":
    word = Path(sys.argv[1]).read_text(encoding="utf-8")
    if word == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "leave":
        sys.exit(3)
    fault = GeoFault(file="model.dss", place="line 2", text="is no model", code="file")
    answer(GeoError(fault) if word == "refuse" else {"read": word}, Path(sys.argv[2]))
