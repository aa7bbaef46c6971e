"""A study as one file: scenario, case, policies and answers in a zip with their hashes, to be repeated."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..ground.errors import Fault, InputFaults
from ..intake.case import built_in_policies
from .made_of import MadeOf, case_files, made_of
from .scenario import Scenario, Study
from .scenario_file import told_study, write_yaml

NAME = "study.zip"
MANIFEST, SCENARIO, CASE, POLICIES = "manifest.json", "scenario.yaml", "case", "policies"
FORMAT = "gridcrew-study/1"
MOST_BYTES, MOST_FILES = 4 * 1024**3, 20_000
# A zip holds times; the same study gives the same bytes.
WHEN = (2000, 1, 1, 0, 0, 0)
README = (
    "gridcrew simulate study.zip --out OUT checks the hash of every file, repeats the study and compares\n"
    "its answers with those in manifest.json, which also says the versions that computed them.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What a package says of its study.

    Parameters
    ----------
    scenario : the scenario file, unpacked.
    made : what the answers were made of.
    answers : as `answers.json` holds them, or nothing.
    """

    scenario: Path
    replications: int
    seed: int
    made: MadeOf
    answers: Mapping[str, Any]

    def told(self, answers: Mapping[str, Any], now: MadeOf) -> list[str]:
        """Whether a repeated study found the same, and what was another then."""
        other = [
            f"{alternative}: {name}"
            for alternative, figures in self.answers.items()
            for name, value in figures.items()
            if answers.get(alternative, {}).get(name) != value
        ]
        if not other:
            return ["every answer is the same as in the package"]
        changed = ", ".join(self.made.differs(now)) or "nothing that is written down"
        return [f"{len(other)} answers differ from the package ({', '.join(other[:5])}); changed: {changed}"]


def pack(out: Path, study: Study, replications: int, seed: int, made: MadeOf) -> Path:
    """Write a study's folder as one file.

    Parameters
    ----------
    out : the study's folder, with its `answers.json`.
    study : as it was simulated.
    replications, seed : that it was simulated with.
    made : what its results were made of.

    Returns
    -------
    Path
        The zip in `out`.

    Raises
    ------
    InputFaults
        The case or a policy is no longer the one that was simulated.
    """
    if changed := [name for name in made.differs(made_of(study)) if name in ("case", "policies")]:
        text = f"is no longer the one that was simulated ({', '.join(changed)})"
        raise InputFaults([Fault(file=str(study.case_folder), place="", text=text)])
    files = {
        f"{CASE}/{each.relative_to(study.case_folder).as_posix()}": each
        for each in case_files(study.case_folder)
    }
    files |= {_policy_name(name): Path(name) for name in made.policies if _is_file(name)}
    write_yaml(out / ".packed.yaml", told_study(study, CASE, _moved))
    files[SCENARIO] = out / ".packed.yaml"
    answers = json.loads((out / "answers.json").read_text(encoding="utf-8"))
    manifest = {
        "format": FORMAT,
        "files": {name: _digest(path) for name, path in files.items()},
        "replications": replications,
        "seed": seed,
        "made_of": asdict(made),
        "answers": answers,
    }
    beside = out / f".{NAME}.part"
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, WHEN), path.read_bytes(), zipfile.ZIP_DEFLATED)
        for name, text in ((MANIFEST, json.dumps(manifest, indent=1)), ("README.txt", README)):
            archive.writestr(zipfile.ZipInfo(name, WHEN), text, zipfile.ZIP_DEFLATED)
    (out / ".packed.yaml").unlink()
    beside.replace(out / NAME)
    return out / NAME


def unpack(path: Path, folder: Path) -> Packed:
    """Unpack a study into a folder and check the hash of every file.

    Parameters
    ----------
    path : a zip that `pack` wrote.
    folder : where to; files in it are replaced.

    Returns
    -------
    Packed
        What it says of its study.

    Raises
    ------
    InputFaults
        It is no such package, or a file is missing, added or another than its hash says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path.name)
            for name in manifest["files"]:
                to = folder / name
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(archive.read(name))
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InputFaults([Fault(file=path.name, place="", text=f"cannot be unpacked: {error}")]) from None
    return Packed(
        scenario=folder / SCENARIO,
        replications=int(manifest["replications"]),
        seed=int(manifest["seed"]),
        made=MadeOf(**manifest["made_of"]),
        answers=manifest["answers"],
    )


def _manifest(archive: zipfile.ZipFile, file: str) -> dict[str, Any]:
    """The manifest, once every file is found as it says."""
    infos = {each.filename: each for each in archive.infolist() if not each.is_dir()}
    if sum(each.file_size for each in infos.values()) > MOST_BYTES or len(infos) > MOST_FILES:
        raise InputFaults([Fault(file=file, place="", text="holds more than 4 GiB or 20,000 files")])
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        files = dict(manifest["files"])
        sound = manifest["format"] == FORMAT and MadeOf(**manifest["made_of"]) is not None
        sound = sound and int(manifest["replications"]) > 0 and int(manifest["seed"]) >= 0
        sound = sound and isinstance(manifest["answers"], dict)
    except (KeyError, ValueError, TypeError):
        sound, files, manifest = False, {}, {}
    if not sound or SCENARIO not in files:
        raise InputFaults([Fault(file=file, place=MANIFEST, text="says of no study what gridcrew packs")])
    if faults := list(_file_faults(archive, infos, files, file)):
        raise InputFaults(faults)
    return manifest


def _file_faults(
    archive: zipfile.ZipFile, infos: Mapping[str, Any], files: Mapping[str, str], file: str
) -> list[Fault]:
    faults = []
    for name, digest in files.items():
        if not _is_inside(name):
            faults.append(Fault(file=file, place=name, text="is a path out of the package"))
        elif name not in infos:
            faults.append(Fault(file=file, place=name, text="is missing"))
        elif hashlib.sha256(archive.read(name)).hexdigest() != digest:
            faults.append(Fault(file=file, place=name, text=f"is not what was packed (SHA-256 {digest})"))
    for name in sorted(infos.keys() - files.keys() - {MANIFEST, "README.txt"}):
        faults.append(Fault(file=file, place=name, text="is not in the manifest"))
    return faults


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def _is_file(policy: str) -> bool:
    return policy not in built_in_policies() and Path(policy).is_file()


def _policy_name(policy: str) -> str:
    return f"{POLICIES}/{hashlib.sha256(policy.encode()).hexdigest()[:8]}-{Path(policy).name}"


def _moved(scenario: Scenario) -> str | None:
    """Where the policy of a scenario lies in the package."""
    policy = scenario.plan.policy
    return _policy_name(policy) if policy and _is_file(policy) else policy


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
