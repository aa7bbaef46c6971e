"""The phone's scripts go out as one file, and the map's on top of them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from web.phone import bundle as module
from web.phone.bundle import bundle, modules_of


def test_every_module_comes_once_and_after_what_it_needs() -> None:
    names = modules_of("phone/phone.js")
    assert names[-1] == "phone/phone.js"
    assert len(set(names)) == len(names) > 10
    assert names.index("phone/parts.js") < names.index("phone/queue.js") < names.index("phone/phone.js")


def test_the_map_brings_only_what_the_page_has_not() -> None:
    there, later = bundle("phone/phone.js").body, bundle("phone/area.js", known=("phone/phone.js",)).body
    assert b'modules["phone/queue.js"] = (' in there
    assert b'modules["phone/queue.js"] = (' not in later
    assert b'modules["js/lines.js"] = (' in later


@pytest.mark.parametrize("entry", ["phone/phone.js", "phone/area.js"])
def test_what_comes_out_is_a_script(entry: str, tmp_path: Path) -> None:
    node = which("node")
    if node is None:
        pytest.skip("no node on this machine")
    file = tmp_path / "script.mjs"
    file.write_bytes(bundle(entry).body)
    assert subprocess.run([node, "--check", file], capture_output=True, check=False).stderr == b""


@pytest.mark.parametrize(
    "text", ['import x from "./y.js";\n', "export default 1;\n", 'export { a } from "./b.js";\n']
)
def test_what_is_not_understood_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_source", lambda _: text)
    with pytest.raises(ValueError, match="not understood"):
        module._as_function("phone/odd.js")
