"""Put the case of La Serena-Coquimbo together, file by file."""

from __future__ import annotations

from pathlib import Path

from .coquimbo_day import NOW, write_coquimbo_day
from .crews import write_crews
from .grow import divide_into_feeders, grow_forest, place_substations, place_transformers
from .roadfiles import write_roads
from .spatialite import City
from .streets import make_streets
from .tables import write_sums
from .town import Town
from .wiring import Wirer


def build_case(city: City, folder: Path, seed: int) -> dict[str, int]:
    """Write every file of the case and return what it holds, by name."""
    counts = write_roads(city, folder)
    streets = make_streets(city)
    substations = place_substations(streets, seed)
    forest = grow_forest(streets, substations)
    transformers = place_transformers(streets, forest)
    areas = divide_into_feeders(forest, transformers)
    wirer = Wirer(streets, forest, transformers, seed)
    town = Town(
        streets=streets, forest=forest, transformers=transformers, areas=areas, wirer=wirer, seed=seed
    )
    town.build(substations)
    counts |= town.built.write(folder)
    counts |= write_crews(streets, folder, NOW.isoformat())
    counts |= write_coquimbo_day(town, folder, seed + 10)
    write_sums(folder)
    return counts
