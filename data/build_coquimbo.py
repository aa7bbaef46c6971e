"""Build `data/coquimbo`: real streets and people of La Serena-Coquimbo, a grid grown on them, one day.

    python data/build_coquimbo.py [--wheel aequilibrae-*.whl] [--out FOLDER]

The same wheel gives the same bytes. See README.md beside this script.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from making.case import build_case
from making.spatialite import MODEL, read_city
from making.wheels import arguments, members

if __name__ == "__main__":
    asked = arguments("aequilibrae")
    (model,) = members("aequilibrae", [MODEL], asked.wheel)
    folder = asked.out or Path(__file__).parent / "coquimbo"
    for what, count in build_case(read_city(model), folder, seed=20260618).items():
        print(f"{what:28} {count:>9,}")
