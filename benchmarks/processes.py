"""Programs run from outside, as a person runs them: timed, and ended for certain."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.setting import ROOT

PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    """A Streamlit server: its address, when its process was started (`time.perf_counter`), and the process's number."""

    address: str
    started: float
    process: int

    @property
    def peak(self) -> int:
        """The most bytes of memory that it has held so far. Raises `OSError` where there is no /proc."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])


def timed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, str]:
    """Run a command; return its seconds and what it printed. Raises `RuntimeError` when it fails."""
    start = time.perf_counter()
    with _process(command, ROOT, environment, subprocess.PIPE, subprocess.PIPE) as process:
        out, err = process.communicate()
    took = time.perf_counter() - start
    if process.returncode:
        last = (err.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{Path(command[0]).name} failed: {last}")
    return took, out.decode(errors="replace")


@contextlib.contextmanager
def served(folder: Path, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Run `streamlit run app.py` in `folder` until the block ends; it answers when the block begins."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command += ["--server.headless=true", "--server.address=localhost", "--browser.gatherUsageStats=false"]
    with log.open("wb") as output:
        started = time.perf_counter()
        with _process(command, folder, environment, output, subprocess.STDOUT) as process:
            address = f"http://localhost:{port}"
            _wait_for(f"{address}/_stcore/health", process, log)
            yield Server(address, started, process.pid)


@contextlib.contextmanager
def _process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], out: int | IO[bytes], err: int | IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own and end the group, children included, when the block ends."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, ending)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"Streamlit did not start: {log.read_text(encoding='utf-8', errors='replace')[-500:]}")
