"""How much energy a training takes, where the processor counts it and lets one read it; otherwise nothing is guessed.

Linux shows the counters of the packages ("RAPL", of Intel and of AMD) in files. Mostly only the administrator may read
them, and a virtual machine has none.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

COUNTERS = Path("/sys/class/powercap")


class Meter:
    """Counts the joules of all processor packages from when it is made: those of other programs and of idling too."""

    def __init__(self, counters: Path = COUNTERS) -> None:
        self._counters = counters
        self._last = self._read()
        self._joules = 0.0

    def joules(self) -> float | None:
        """Return what was taken so far; None where it can't be read. The counters begin anew every hour or so: ask."""
        now = self._read()
        for package, (count, size) in now.items():
            self._joules += ((count - self._last.get(package, (count, size))[0]) % size) / 1e6
        self._last = now
        return self._joules if now else None

    def _read(self) -> dict[str, tuple[int, int]]:
        """Return for each package its microjoules and with how many the counter begins anew."""
        found = {}
        for place in sorted(self._counters.glob("intel-rapl:*")):
            with suppress(OSError, ValueError):
                if (place / "name").read_text().startswith("package"):  # its parts are counted in it
                    size = int((place / "max_energy_range_uj").read_text()) + 1
                    found[place.name] = (int((place / "energy_uj").read_text()), size)
        return found
