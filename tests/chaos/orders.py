"""How the harness speaks to running processes: files in a folder, looked at whenever a process passes a point.

Nothing of it is in the product: the process's start script (`child.py`) reads the orders.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = "ANCRAGE_CHAOS_ORDERS"  #: environment variable: where the orders are


@dataclass(frozen=True)
class Orders:
    """Orders for one process, named `worker-placement`."""

    folder: Path
    process: str

    @property
    def _crash(self) -> Path:
        return self.folder / f"{self.process}.crash"

    @property
    def _clock(self) -> Path:
        return self.folder / f"{self.process}.clock"

    def crash_at(self, point: str) -> None:
        """To die at the next passing of `point`."""
        self._put(self._crash, point)

    def is_armed(self) -> bool:
        return self._crash.exists()

    def disarm(self) -> bool:
        """Takes the order to die back; False where it has been followed meanwhile."""
        return self._take(self._crash)

    def dies_at(self, point: str) -> bool:
        """Whether to die here; the order is followed once."""
        return self._read(self._crash) == point and self._take(self._crash)

    def shift_clock(self, seconds: float) -> None:
        """From now on its clock is wrong by so much."""
        self._put(self._clock, str(seconds))

    def clock_is_off_by(self) -> float:
        return float(self._read(self._clock) or 0)

    def _put(self, path: Path, text: str) -> None:
        half = path.with_suffix(".half")
        half.write_text(text)
        half.replace(path)  # whole or not at all: the reader is another process

    def _read(self, path: Path) -> str:
        try:
            return path.read_text()
        except FileNotFoundError:
            return ""

    def _take(self, path: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            return True
        return False
