"""Finding Debian's programs, and what happens to a test whose program is missing."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

RABBITMQ = Path("/usr/lib/rabbitmq/bin")
POSTGRESQL = Path("/usr/lib/postgresql")
#: the shell without windows takes a third of the whole browser's time; engine and version are the same
CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
PACKAGES = Path(__file__).parent / "npm" / "node_modules"


def rabbitmq() -> Path:
    """The folder of rabbitmq-server and rabbitmqctl, without Debian's wrapper that changes user."""
    if not (RABBITMQ / "rabbitmq-server").exists():
        leave_out("RabbitMQ", "rabbitmq-server")
    return RABBITMQ


def postgresql() -> Path:
    """The folder of initdb and postgres, of the newest version installed."""
    versions = sorted(POSTGRESQL.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if not versions:
        leave_out("PostgreSQL", "postgresql")
    return versions[-1].parent


def chromium() -> Path:
    """The browser's program."""
    found = [program for program in CHROMIUMS if program.exists()]
    if not found:
        leave_out("Chromium", "chromium-headless-shell")
    return found[0]


def openid_provider() -> Path:
    """node, where the provider's packages are installed."""
    node = shutil.which("node")
    if node is None or not (PACKAGES / "oidc-provider").exists():
        leave_out("node with npm, or what tests/plant/install has it install,", "nodejs npm")
    return Path(node)


def asyncapi_schema() -> Path:
    """AsyncAPI's own JSON schema of documents like ours."""
    schema = PACKAGES / "@asyncapi/specs/schemas/3.0.0.json"
    if not schema.exists():
        leave_out("AsyncAPI's schema, which tests/plant/install takes from npm,", "nodejs npm")
    return schema


def leave_out(what: str, package: str) -> NoReturn:
    """Skips the test on a developer's machine; fails it where nothing may be left out."""
    reason = f"{what} is not installed: sudo apt-get install {package}"
    if os.environ.get("CI") == "true" or os.environ.get("ANCRAGE_TEST_REQUIRE_ALL"):
        pytest.fail(f"{reason} (no test may be left out here)", pytrace=False)
    pytest.skip(reason)
