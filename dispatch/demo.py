"""Where the cases that come with the program are."""

from __future__ import annotations

from pathlib import Path

from .ground.errors import DispatchError, nearest

HERE = Path(__file__).resolve().parent
# In an installed wheel beside this file; in a checkout in the project's `data`.
PLACES = (HERE / "cases", HERE.parent / "data")


def demo_case(name: str = "coquimbo") -> Path:
    """Folder of a case that comes with the program.

    Raises
    ------
    DispatchError
        There is none of that name.
    """
    known = {
        folder.name: folder
        for place in PLACES
        if place.is_dir()
        for folder in sorted(place.iterdir())
        if (folder / "settings.yaml").is_file()
    }
    if name not in known:
        raise DispatchError(f"no case '{name}' comes with gridcrew{nearest(name, known)}")
    return known[name]


def is_demo(folder: Path) -> bool:
    """Whether a folder is that of a case that comes with the program."""
    return folder.resolve().parent in {place.resolve() for place in PLACES}
