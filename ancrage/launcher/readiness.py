"""Whether the whole way can be gone, as the site itself says at /health/ready."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

PATH = "/health/ready"
#: seconds between two questions, and how long each may take
ASK_EVERY, PATIENCE = 0.15, 5.0


def ask(address: str) -> tuple[bool, list[str]]:
    """(ready, what is still missing, in words)."""
    site = urlsplit(address)
    connection = http.client.HTTPConnection(site.hostname or "localhost", site.port, timeout=PATIENCE)
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        return answer.status == http.client.OK, missing(answer.read())
    except (OSError, http.client.HTTPException):
        return False, ["the pages"]
    finally:
        connection.close()


def missing(body: bytes) -> list[str]:
    """What the answer says is not ready; empty where it does not say."""
    try:
        parts = json.loads(body).get("missing", [])
    except (ValueError, AttributeError):
        return []
    return [str(part) for part in parts]


def watch(address: str, seconds: float, going_on: Callable[[], bool]) -> Iterator[tuple[bool, list[str]]]:
    """What `ask` answers, again and again; ends when it is late or no longer wanted."""
    until = time.monotonic() + seconds
    while going_on() and time.monotonic() < until:
        yield ask(address)
        time.sleep(ASK_EVERY)
