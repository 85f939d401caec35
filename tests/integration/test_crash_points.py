"""A web process killed at a named point, as ANCRAGE_CRASH_AT says: what was confirmed is there, and so is the rest."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from ancrage import house, tokens
from ancrage.demonstration.people import made_up
from chassis.settings import Settings
from chassis.store import outbox
from tests.plant.server import PATIENCE, free_port
from tests.system import until

BODY = next(made_up(1, seed=1))


@contextmanager
def web(folder: Path, **environ: str) -> Iterator[httpx.Client]:
    """The referral service's web process on a store of its own, spoken to with a token."""
    settings, port = Settings.read({}, data=folder, create=True), free_port()
    house.migrate("referral", settings)
    command = [sys.executable, "-m", "ancrage", "web", "referral", "--data", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | environ)
    headers = {"Authorization": f"Bearer {tokens.issue(settings, 'all', 1)}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=PATIENCE) as client:
            until(lambda: _answers(client))
            yield client
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/referrals/ISA-2026-000001").status_code < 500
    except httpx.TransportError:
        return False


def _stored(folder: Path) -> tuple[int, int]:
    """Referrals, and events that tell of them."""
    context = house.wire("referral", Settings.read({}, data=folder))
    with context.reading() as session:
        referrals = session.scalar(sa.text("SELECT count(*) FROM referrals")) or 0
        events = session.scalar(sa.select(sa.func.count()).select_from(outbox)) or 0
    context.store.dispose()
    return referrals, events


@pytest.mark.parametrize(("point", "stored", "again"), [("before_commit", (0, 0), 201), ("after_commit", (1, 1), 409)])
def test_a_web_process_that_dies_around_a_commit_leaves_all_of_it_or_nothing(
    tmp_path: Path, point: str, stored: tuple[int, int], again: int
) -> None:
    with web(tmp_path, ANCRAGE_CRASH_AT=f"referral:unit.{point}:1") as client, pytest.raises(httpx.TransportError):
        client.post("/api/referrals", json=BODY)
    assert _stored(tmp_path) == stored
    with web(tmp_path) as client:
        assert client.post("/api/referrals", json=BODY).status_code == again
    assert _stored(tmp_path) == (1, 1)
