"""A RabbitMQ node of the tests' own, without root's services, systemd or the management plugin."""

import itertools
import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.plant import needs
from tests.plant.server import PATIENCE, Server, answers, free_port, wait_until
from tests.plant.undertaker import Undertaker

#: virtual hosts are made by the dozen: each call of rabbitmqctl costs more than a second
_BATCH = 12

_CONFIGURATION = """\
listeners.tcp.local = 127.0.0.1:{port}
loopback_users = none
load_definitions = {definitions}
log.console = false
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
"""


class RabbitMQ(Server):
    """`url()` of a fresh virtual host, `ctl(...)`, and whatever a Server can do."""

    def __init__(self, undertaker: Undertaker) -> None:
        super().__init__(undertaker)
        self._programs = needs.rabbitmq()
        self._epmd_port, self._dist_port = free_port(), free_port()
        self._node = f"ancrage-{uuid.uuid4().hex[:12]}@localhost"
        self._batches = itertools.count(1)
        self._vhosts = self._prepare()

    def url(self, vhost: str | None = None) -> str:
        """AMQP address of `vhost`; without it, of one that nobody used yet."""
        return f"amqp://ancrage:ancrage@127.0.0.1:{self.port}/{vhost or next(self._vhosts)}"

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` answers; raises CalledProcessError when it refuses."""
        return subprocess.run(
            [str(self._programs / "rabbitmqctl"), "--quiet", *arguments],
            env=self.environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout

    def command(self) -> list[str]:
        return [str(self._programs / "rabbitmq-server")]

    def environment(self) -> dict[str, str]:
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "RUNNING_UNDER_SYSTEMD": "true",  # makes the script become the node instead of watching over it
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
        }

    def ready(self) -> bool:
        return answers(self.port)

    def start(self) -> None:
        if not answers(self._epmd_port):
            # the node would start its own name server and leave it running
            self.spawn(["/usr/bin/epmd"], self.folder / "epmd.log")
            wait_until(lambda: answers(self._epmd_port), "start of epmd")
        super().start()

    def _prepare(self) -> Iterator[str]:
        (self.folder / "plugins").write_text("[].\n")
        definitions = self.folder / "definitions.json"
        first = [f"test{number}" for number in range(_BATCH)]
        definitions.write_text(json.dumps(_definitions(first)))
        configuration = _CONFIGURATION.format(port=self.port, definitions=definitions)
        (self.folder / "rabbitmq.conf").write_text(configuration)
        return itertools.chain(first, self._more_vhosts())

    def _more_vhosts(self) -> Iterator[str]:
        while True:
            batch = next(self._batches)
            names = [f"test{batch * _BATCH + number}" for number in range(_BATCH)]
            path = self.folder / f"definitions-{batch}.json"
            path.write_text(json.dumps(_definitions(names)))
            self.ctl("import_definitions", str(path))
            yield from names


def _definitions(vhosts: list[str]) -> dict[str, object]:
    """Virtual hosts in the form that RabbitMQ imports, with a user who may do everything in them."""
    everything = {"user": "ancrage", "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": "ancrage", "password": "ancrage", "tags": "administrator"}],
        "vhosts": [{"name": name} for name in vhosts],
        "permissions": [{"vhost": name, **everything} for name in vhosts],
    }


def log_of(node: RabbitMQ) -> str:
    """What the node wrote down, for the message of a failed test."""
    return "\n".join(path.read_text(errors="replace") for path in Path(node.folder / "log").glob("*.log"))
