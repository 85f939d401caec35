"""What the import rules promise holds in running processes, where imports by name and at call time happen too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ancrage.house import SERVICES

WORKERS_ONLY = {"nameko", "eventlet", "kombu", "amqp", "gevent"}

_SERVE = """
import json, sys
from pathlib import Path
from ancrage import house
from ancrage.serving import Server
from chassis.settings import Settings
site = house.site(house.SITES, Settings.read({}, data=Path(sys.argv[1]), create=True))
print(json.dumps(sorted(sys.modules)))
"""

_WORK = """
import json, sys
from ancrage import house
import chassis.worker
house.worker_class(sys.argv[1])
import socket, threading
print(json.dumps([socket.socket.__module__, threading.Thread.start.__module__]))
"""


def _said(program: str, argument: str) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANCRAGE_")}
    run = subprocess.run([sys.executable, "-c", program, argument], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    said: list[str] = json.loads(run.stdout)
    return said


def test_a_web_process_of_the_whole_site_loads_no_part_of_the_worker(tmp_path: Path) -> None:
    loaded = {name.split(".")[0] for name in _said(_SERVE, str(tmp_path))}
    assert "flask" in loaded
    assert loaded & WORKERS_ONLY == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_is_not_monkey_patched_and_warns_of_nothing(service: str) -> None:
    assert _said(_WORK, service) == ["socket", "threading"]
