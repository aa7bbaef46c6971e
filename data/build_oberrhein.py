"""Build `data/oberrhein`: a real German medium- and low-voltage grid, with made-up crews and requests.

    python data/build_oberrhein.py [--wheel pandapower-*.whl] [--out FOLDER]

The same wheel gives the same bytes. pandapower itself is neither installed nor run.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from making.oberrhein import build_case
from making.pandapower_json import LV, MV, read_network
from making.wheels import arguments, members

if __name__ == "__main__":
    asked = arguments("pandapower")
    mv, lv = (read_network(content) for content in members("pandapower", [MV, LV], asked.wheel))
    folder = asked.out or Path(__file__).parent / "oberrhein"
    for what, count in build_case(mv, lv, folder, seed=20260212).items():
        print(f"{what:28} {count:>9,}")
