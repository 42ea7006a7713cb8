"""A lock between processes: one holder, free again when that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from embedlab.base.lock import Lock, held


def test_only_one_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not held(path)
    with Lock(path) as first:
        assert first.take()
        assert first.take()  # again, by the same
        assert held(path)
        assert not Lock(path).take()
    assert not held(path)
    assert Lock(path).take()


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys, time; from pathlib import Path; from embedlab.base.lock import Lock\n"
        "l = Lock(Path(sys.argv[1])); print(l.take(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        assert held(path)
        process.kill()
        process.wait()
    assert not held(path)
