"""The meter: packages are summed, their parts are not, counters that begin anew don't go backwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedlab.finetune.worker import Meter


def counter(root: Path, place: str, name: str, count: int, most: int = 999) -> None:
    folder = root / place
    folder.mkdir(exist_ok=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "energy_uj").write_text(f"{count}\n")
    (folder / "max_energy_range_uj").write_text(f"{most}\n")


def test_it_counts_all_packages_and_nothing_twice(tmp_path: Path) -> None:
    for place, name in (("intel-rapl:0", "package-0"), ("intel-rapl:1", "package-1"), ("intel-rapl:2", "psys")):
        counter(tmp_path, place, name, 5_000_000, 9_999_999)
    counter(tmp_path, "intel-rapl:0:0", "core", 0, 9_999_999)
    counter(tmp_path, "intel-rapl-mmio:0", "package-0", 0, 9_999_999)
    meter = Meter(tmp_path)
    assert meter.joules() == 0
    counter(tmp_path, "intel-rapl:0", "package-0", 7_000_000, 9_999_999)
    counter(tmp_path, "intel-rapl:1", "package-1", 5_500_000, 9_999_999)
    for place, name in (("intel-rapl:2", "psys"), ("intel-rapl:0:0", "core"), ("intel-rapl-mmio:0", "package-0")):
        counter(tmp_path, place, name, 8_000_000, 9_999_999)
    assert meter.joules() == pytest.approx(2.5)
    counter(tmp_path, "intel-rapl:0", "package-0", 1_000_000, 9_999_999)  # begun anew
    assert meter.joules() == pytest.approx(2.5 + 4)


def test_without_a_counter_that_can_be_read_nothing_is_said(tmp_path: Path) -> None:
    assert Meter(tmp_path / "none").joules() is None
    (tmp_path / "intel-rapl:0").mkdir()
    (tmp_path / "intel-rapl:0" / "name").write_text("package-0\n")
    assert Meter(tmp_path).joules() is None
    counter(tmp_path, "intel-rapl:0", "package-0", 1)
    (tmp_path / "intel-rapl:0" / "energy_uj").write_text("no number")
    assert Meter(tmp_path).joules() is None
