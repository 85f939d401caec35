"""A PostgreSQL cluster of the tests' own, as durable as a real one."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from tests.plant import needs
from tests.plant.server import Server
from tests.plant.undertaker import Undertaker

#: fsync and synchronous_commit stay on, as they are by default: what a test calls committed is.
#: Shared memory lies in the folder, and goes with it
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
logging_collector = off
dynamic_shared_memory_type = mmap
timezone = 'UTC'
"""


class PostgreSQL(Server):
    """`database()` makes a fresh database and gives its SQLAlchemy address."""

    stop_signal = signal.SIGINT  # "fast": ends open connections; SIGTERM would wait for them
    abandon_signal = signal.SIGQUIT  # "immediate": its children hear of it

    def __init__(self, undertaker: Undertaker) -> None:
        super().__init__(undertaker)
        self._programs = needs.postgresql()
        self._as_user = _unprivileged()
        self._numbers = itertools.count(1)
        self._cluster = self.folder / "cluster"
        self._initialise()

    def database(self, name: str = "test") -> str:
        """Address (SQLAlchemy, psycopg 3) of a new, empty database."""
        unique = f"{name}_{next(self._numbers)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(unique)))
        return f"postgresql+psycopg://ancrage:ancrage@127.0.0.1:{self.port}/{unique}"

    def command(self) -> list[str]:
        return [*self._as_user, str(self._programs / "postgres"), "-D", str(self._cluster)]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}

    def ready(self) -> bool:
        try:
            psycopg.connect(self._dsn("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=ancrage password=ancrage dbname={database}"

    def _initialise(self) -> None:
        password = self.folder / "password"
        password.write_text("ancrage\n")
        if self._as_user:
            for path in (self.folder, password):
                shutil.chown(path, _USER)
        options = ["--username=ancrage", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
        subprocess.run(
            [*self._as_user, str(self._programs / "initdb"), "-D", str(self._cluster), "--locale=C.UTF-8", *options],
            env=self.environment(),
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        with Path(self._cluster / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION.format(port=self.port))


_USER = "postgres"


def _unprivileged() -> list[str]:
    """What to put before a command, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    person = pwd.getpwnam(_USER)
    return ["setpriv", f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups", "--"]
