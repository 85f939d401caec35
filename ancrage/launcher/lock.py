"""One launcher per data folder."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from ancrage.trouble import Exit, Trouble

NAME = "ancrage.lock"


def take(data: Path) -> IO[str]:
    """Takes the folder until the file returned is closed or the process ends; raises Trouble where it is taken."""
    data.mkdir(parents=True, exist_ok=True)
    file = (data / NAME).open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Trouble(_taken(data), Exit.BUSY) from None
    return file


def sign(file: IO[str], address: str) -> None:
    """Leaves in the folder who has it, and where the pages answer."""
    file.seek(0)
    file.truncate()
    json.dump({"process": os.getpid(), "address": address}, file)
    file.flush()


def _taken(data: Path) -> str:
    holder = read(data)
    who = f" (process {holder['process']}, {holder['address']})" if holder else ""
    return (
        f"Ancrage is running on {data} already{who}. "
        "Stop it first with Ctrl-C in its terminal, or choose another folder with --data"
    )


def read(data: Path) -> dict[str, object] | None:
    """Who took the folder last: {"process": pid, "address": url}; None where nobody ever did."""
    try:
        holder: dict[str, object] = json.loads((data / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return holder
