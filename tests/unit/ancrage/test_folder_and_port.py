"""One launcher a folder, one listener a port."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ancrage.launcher import lock, port
from ancrage.launcher.up import is_fresh
from ancrage.trouble import Exit, Trouble


def test_a_folder_belongs_to_one_launcher_at_a_time(tmp_path: Path) -> None:
    with lock.take(tmp_path) as taken:
        lock.sign(taken, "http://localhost:1234")
        with pytest.raises(Trouble, match=f"process {os.getpid()}, http://localhost:1234") as refused:
            lock.take(tmp_path)
        assert refused.value.code == Exit.BUSY
    lock.take(tmp_path).close()


def test_a_killed_launcher_leaves_its_folder_free(tmp_path: Path) -> None:
    program = f"from ancrage.launcher import lock; import os, signal; from pathlib import Path; \
        file = lock.take(Path({str(tmp_path)!r})); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", program], check=False)
    lock.take(tmp_path).close()


def test_a_folder_is_fresh_until_something_ran_on_it(tmp_path: Path) -> None:
    assert is_fresh(tmp_path / "absent")
    lock.take(tmp_path).close()
    assert is_fresh(tmp_path)
    (tmp_path / "referral.db").touch()
    assert not is_fresh(tmp_path)


def test_a_taken_port_is_refused_with_one_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(Trouble, match=rf"port {taken} is taken .* --port \d+") as refused:
            port.listen("127.0.0.1", taken)
        assert refused.value.code == Exit.BUSY


def test_port_nought_is_any_free_one() -> None:
    with port.listen("127.0.0.1", 0) as listener:
        assert port.address(listener) == f"http://localhost:{listener.getsockname()[1]}"
        socket.create_connection(listener.getsockname(), timeout=1).close()
