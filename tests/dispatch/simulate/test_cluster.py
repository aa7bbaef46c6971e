"""A study on a Dask cluster, and a study that is killed and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.simulate.scenario_file import read_study
from dispatch.simulate.study import NoCluster, run_study


def test_a_cluster_finds_what_one_process_finds(small_study: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra gridcrew[cluster] is not installed")
    study = read_study(small_study)
    here = run_study(study, replications=5, seed=2, out=tmp_path / "here")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        there = run_study(study, replications=5, seed=2, out=tmp_path / "there", scheduler=address)
    assert there == here


def test_an_address_where_nobody_answers_is_said_plainly(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra gridcrew[cluster] is not installed")
    monkeypatch.setattr("dispatch.simulate.study.CONNECT_S", 1)
    with pytest.raises(NoCluster, match=r"127\.0\.0\.1:1"):
        run_study(
            read_study(small_study), replications=1, seed=1, out=tmp_path, scheduler="tcp://127.0.0.1:1"
        )


def test_a_scheduler_that_goes_away_is_told_and_the_rest_is_computed_here(
    small_study: Path, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra gridcrew[cluster] is not installed")
    study = read_study(small_study)
    here = run_study(study, replications=6, seed=2, out=tmp_path / "here")
    told: list[str] = []
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    )

    def gone(done: int, _: int, __: float) -> None:
        if done == 2:
            cluster.close()

    there = run_study(
        study,
        replications=6,
        seed=2,
        out=tmp_path / "there",
        scheduler=cluster.scheduler_address,
        on_progress=gone,
        on_lost=told.append,
    )
    assert there == here
    assert len(told) == 1
    assert "has gone" in told[0]
    assert "are kept" in told[0]


def test_a_study_that_is_killed_goes_on_and_computes_nothing_twice(small_study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dispatch.cli", "simulate", str(small_study), "--replications", "400"]
    process = subprocess.Popen(
        [*command, "--out", str(out), "--quiet"], env={**os.environ}, start_new_session=True
    )
    runs = out / "runs"
    while process.poll() is None and len(list(runs.glob("*.json"))) < 4:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in runs.glob("*.json")}
    assert 4 <= len(kept) < 800, "it was killed on the way"
    counted: list[int] = []
    study = read_study(small_study)
    wanted = max(4, len(kept) // 2 + 2)
    found = run_study(
        study, replications=wanted, seed=1, out=out, on_progress=lambda _, total, __: counted.append(total)
    )
    assert {name: (runs / name).stat().st_mtime_ns for name in kept} == kept
    assert counted
    assert counted[0] == 2 * wanted - len(kept)
    assert all(len(records) == wanted for records in found.values())
    for path in runs.glob("*.json"):
        json.loads(path.read_text())
