"""Where the server's settings come from, and which one counts."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from dispatch.ground.errors import InputFaults
from web.commands.serve import add_arguments
from web.server.settings import Settings


def read(words: str, environment: dict[str, str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = parser.parse_args(words.split())
    settings: Settings = given.settings_of
    return settings.filled(given, environment or {})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gridcrew.toml"
    path.write_text(
        'port = 9001\nhttps = true\nkeep = "90d"\nsupervisor = ["a@x.org", "b@x.org"]\nlog-level = "error"'
    )
    return path


def test_without_any_setting_the_built_in_ones_hold() -> None:
    found = read("")
    assert (found.host, found.port, found.https, found.supervisor) == ("127.0.0.1", 8000, False, [])
    assert found.case is None, "without a case it is the demo city"
    assert read("data/mine").case == Path("data/mine")


def test_a_file_goes_before_what_is_built_in(file: Path) -> None:
    found = read(f"--settings {file}")
    assert (found.port, found.https, found.log_level) == (9001, True, "error")
    assert found.keep.days == 90
    assert found.supervisor == ["a@x.org", "b@x.org"]


def test_the_environment_goes_before_the_file_and_names_it(file: Path) -> None:
    environment = {
        "GRIDCREW_SETTINGS": str(file),
        "GRIDCREW_PORT": "9002",
        "GRIDCREW_HTTPS": "no",
        "PORT": "1",
    }
    found = read("", environment | {"GRIDCREW_SUPERVISOR": "c@x.org, d@x.org"})
    assert (found.port, found.https, found.log_level) == (9002, False, "error")
    assert found.supervisor == ["c@x.org", "d@x.org"]


def test_the_command_line_goes_before_all_even_with_a_built_in_value(file: Path) -> None:
    found = read(f"--settings {file} --port 8000", {"GRIDCREW_PORT": "9002"})
    assert found.port == 8000


def test_every_unknown_name_and_wrong_value_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('prot = 1\nport = "many"\nlog-level = "loud"\nhttps = "perhaps"')
    with pytest.raises(InputFaults) as told:
        read(f"--settings {path}", {"GRIDCREW_PORTT": "1", "GRIDCREW_STREAMS": "few"})
    text = str(told.value)
    assert "prot: unknown setting; did you mean 'port'?" in text
    assert "GRIDCREW_PORTT: unknown setting; did you mean 'GRIDCREW_PORT'?" in text
    for part in (
        "port: is 'many'",
        "log-level: is 'loud'",
        "https: is 'perhaps'",
        "GRIDCREW_STREAMS: is 'few'",
    ):
        assert part in text


@pytest.mark.parametrize("text", ["port = ", "\udcff"])
def test_a_file_that_is_no_toml_is_refused_in_words(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputFaults, match="is not TOML"):
        read(f"--settings {path}")
    with pytest.raises(InputFaults, match="cannot be read"):
        read(f"--settings {tmp_path}/none.toml")


def test_every_setting_is_in_the_documented_table(root: Path) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    told = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    settings: Settings = parser.get_default("settings_of")
    missing = [name for name in settings.names if f"| `{name.replace('_', '-')}` |" not in told]
    assert not missing
