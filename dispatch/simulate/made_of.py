"""What a simulated result is made of beside its scenario: the case, policies, the code and its versions."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..intake.case import built_in_policies
from .scenario import Scenario, Study

FILE = "made_of.json"
PACKAGES = ("dispatch", "geo", "rules")
LIBRARIES = ("numpy", "scipy", "numba")
READ = frozenset({".py", ".yaml", ".yml", ".json", ".csv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOf:
    """All that a result depends on, but for its scenario, seed and replication.

    Parameters
    ----------
    case : SHA-256 of the case folder, its scenarios left out.
    policies : SHA-256 of each policy file that an alternative names instead of the case's.
    code : SHA-256 of the program's own files.
    versions : of the program, Python and the libraries that compute.
    """

    case: str
    policies: Mapping[str, str]
    code: str
    versions: Mapping[str, str]

    def part(self, scenario: Scenario) -> list[Any]:
        """What the key of a scenario's results holds of it."""
        policy = self.policies.get(scenario.plan.policy or "", "")
        return [self.case, policy, self.code, dict(self.versions)]

    def differs(self, other: MadeOf) -> list[str]:
        """Names of what is not the same."""
        return [name for name in ("case", "policies", "code", "versions") if not self._same(other, name)]

    def _same(self, other: MadeOf, name: str) -> bool:
        return bool(getattr(self, name) == getattr(other, name))


def made_of(study: Study) -> MadeOf:
    """What the results of a study are made of now."""
    named = {each.plan.policy for each in study.alternatives.values() if each.plan.policy}
    return MadeOf(
        case=case_hash(study.case_folder),
        policies={name: _policy_hash(name) for name in sorted(named)},
        code=code_hash(),
        versions=versions(),
    )


def recorded(out: Path) -> MadeOf | None:
    """What the results in a study's folder were made of; None where an older version made them."""
    path = out / FILE
    return MadeOf(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def record(out: Path, made: MadeOf) -> None:
    """Write down what results from now on are made of."""
    before = recorded(out)
    if before is not None and before.differs(made) == ["policies"]:
        made = replace(made, policies={**before.policies, **made.policies})
    (out / FILE).write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")


def versions() -> dict[str, str]:
    """Versions of the program, of Python and of the libraries that compute."""
    return {
        "gridcrew": version("gridcrew"),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def case_hash(folder: Path) -> str:
    """SHA-256 over the names and contents of the files of a case folder, its scenarios left out."""
    return _hash(folder, case_files(folder))


def case_files(folder: Path) -> Iterator[Path]:
    """The files of a case folder that a result may depend on, in order."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder)
        if "scenarios" not in name.parts and not any(part.startswith(".") for part in name.parts):
            yield path


@lru_cache(maxsize=4)
def case_read(folder: Path) -> str:
    """The same for a process that loads the case once."""
    return case_hash(folder)


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over the program's own files that can change a result."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        found = find_spec(package)
        for place in (found.submodule_search_locations or ()) if found else ():
            folder = Path(place)
            files = (each for each in sorted(folder.rglob("*")) if each.suffix in READ and each.is_file())
            digest.update(_hash(folder, files).encode())
    return digest.hexdigest()


def _policy_hash(name: str) -> str:
    path = built_in_policies().get(name) or Path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _hash(folder: Path, files: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
