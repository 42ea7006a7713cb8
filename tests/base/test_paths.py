"""Where embedlab keeps its data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder, home


def test_the_environment_moves_it(own_home: Path) -> None:
    assert home() == own_home
    assert not own_home.exists()


def test_a_tilde_is_the_users_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("EMBEDLAB_HOME", "~/here")
    assert home() == tmp_path / "here"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_platform_decides(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv("EMBEDLAB_HOME")
    else:
        monkeypatch.setenv("EMBEDLAB_HOME", value)
    assert home().is_absolute()
    assert home().name == "embedlab"


def test_a_folder_is_made_once_and_kept(own_home: Path) -> None:
    path = folder("vectors", "deep")
    assert path == own_home / "vectors" / "deep"
    (path / "kept").touch()
    assert folder("vectors", "deep") == path
    assert (path / "kept").exists()


def test_a_file_in_the_way_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(EmbedlabError, match=r"can't be made.*set EMBEDLAB_HOME"):
        folder("vectors")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to this user")
def test_a_folder_one_may_not_write_to_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "home"))
    with pytest.raises(EmbedlabError, match=r"Permission denied.*set EMBEDLAB_HOME"):
        folder("vectors")
    tmp_path.chmod(0o700)


def test_the_home_of_nobody_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", "~no-such-user-here/embedlab")
    with pytest.raises(EmbedlabError, match="no such user"):
        home()
