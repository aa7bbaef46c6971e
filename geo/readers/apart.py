"""Work of a foreign engine in a process of its own: where the engine dies, this program says so."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..errors import GeoError, GeoFault

# A model that takes longer hangs.
LONGEST_S = 900.0


def apart(module: str, path: Path, engine: str) -> Any:
    """What a module of ours makes of a file, made in a child process.

    Parameters
    ----------
    module : run with the file and the place of its answer; it ends in `answer`.
    engine : whose work it is, for people.

    Raises
    ------
    GeoError
        As the module raises it, or where the engine dies or does not end.
    """
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as folder:
        told = Path(folder) / "told"
        command = [sys.executable, "-m", module, str(path), str(told)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            ran = subprocess.run(
                command, env=environment, capture_output=True, timeout=LONGEST_S, check=False, text=True
            )
        except subprocess.TimeoutExpired as error:
            raise _failed(path, f"keeps {engine} busy for more than {LONGEST_S / 60:g} minutes") from error
        if not told.exists():
            why = f"makes {engine} break off" + (f" (signal {-ran.returncode})" if ran.returncode < 0 else "")
            raise _failed(path, f"{why}; the model is damaged")
        made = pickle.loads(told.read_bytes())  # nosec B301 - from our own child
    if isinstance(made, GeoError):
        raise made
    return made


def answer(made: Any, told: Path) -> None:
    """In the child: leave what was made, or the error, where the parent looks for it."""
    told.write_bytes(pickle.dumps(made, protocol=5))


def _failed(path: Path, text: str) -> GeoError:
    return GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
