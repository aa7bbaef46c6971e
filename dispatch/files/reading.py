"""JSON files in and out: read strictly, written whole."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..ground.errors import Fault, InputFaults
from ..ground.whole import written_whole
from ..soundness.parsing import Gatherer, shown

MOST_BYTES = 1 << 30


def load_json(path: Path) -> Any:
    """Read a JSON file (UTF-8, with or without byte order mark).

    Parameters
    ----------
    path : the file.

    Returns
    -------
    object
        What it holds.

    Raises
    ------
    InputFaults
        Where the file is missing, a directory, larger than 1 GiB, not UTF-8, not
        JSON, or names a key twice in one object.
    """
    faults = Gatherer(str(path))
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            faults.add("", f"is {size / 2**30:.1f} GiB; at most 1 GiB is read (give travel.xy, not a matrix)")
        faults.stop_on_faults()
        data = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_once(faults))
    except OSError as error:
        faults.add("", f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        faults.add(f"byte {error.start}", "is not UTF-8")
    except json.JSONDecodeError as error:
        faults.add(f"line {error.lineno} column {error.colno}", f"is not JSON: {error.msg}")
    except (RecursionError, MemoryError):
        faults.add("", "is nested too deeply or too large to be read")
    except ValueError as error:
        faults.add("", f"is not JSON: {error}")
    faults.stop_on_faults()
    return data


def _once(faults: Gatherer) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    faults.add(f"key '{name}'", f"stands twice in the object {shown(found)}")
                seen.add(name)
        return found

    return build


def save_json(path: Path, data: object) -> None:
    """Write a JSON file so that nobody ever sees half of it.

    Parameters
    ----------
    path : the file; one that is there is replaced.
    data : what `json` can write.

    Raises
    ------
    InputFaults
        Where the place cannot be written.
    """
    try:
        with written_whole(path) as file, io.TextIOWrapper(file, encoding="utf-8") as out:
            json.dump(data, out, ensure_ascii=False, allow_nan=False)
            out.write("\n")
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise InputFaults([Fault(file=str(path), place="", text=reason)]) from error
