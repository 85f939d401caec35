"""`ancrage audit` in a process of its own, on stores that somebody has tampered with or not."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ancrage import house
from ancrage.trouble import Exit
from chassis import audit
from chassis.settings import Settings
from tests.plant.server import PATIENCE

REFERENCE = "ISA-2026-000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stores of all services; in referral's and placement's three rows each."""
    settings = Settings.read({}, data=tmp_path, create=True)
    for name in house.SERVICES:
        house.migrate(name, settings)
    for name in ("referral", "placement"):
        context = house.wire(name, settings)
        for account in ("a-1", "a-2", "a-3"):
            who = audit.Actor(account=account, role="cms")
            deed = audit.Deed(kind="referral", action="", who=lambda: who, references=[REFERENCE])  # noqa: B023
            with context.store.writing() as session:
                audit.note(context, session, deed, "see", audit.ALLOWED, context.clock.now())
        audit.seal(context)
        context.store.dispose()
    return tmp_path


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ancrage", "audit", *arguments, "--data", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


def test_whole_chains_are_said_to_be_whole_with_their_heads(folder: Path) -> None:
    done = run(folder, "verify")
    assert done.returncode == 0, done.stderr
    assert "referral: whole, 3 rows, head 3 " in done.stdout
    assert "identity: whole, 0 rows" in done.stdout


def test_the_first_broken_row_is_named_with_its_exit_code(folder: Path) -> None:
    with sqlite3.connect(folder / "placement.db") as connection:
        connection.execute("DROP TRIGGER audit_stays")
        connection.execute("UPDATE audit SET account = 'nobody' WHERE id = 2")
    done = run(folder, "verify")
    assert done.returncode == Exit.UNWELL
    assert "placement: BROKEN at position 2 (row 2)" in done.stdout
    assert "referral: whole" in done.stdout
    assert done.stderr == "ancrage: the audit is broken: placement\n"


def test_a_chain_cut_at_its_end_is_found_in_the_workers_log(folder: Path) -> None:
    head = re.search(r"placement: whole, 3 rows, head 3 (\w+)", run(folder, "verify").stdout)
    assert head
    log = folder / "worker.log"
    line = {"event": "audit sealed", "service": "placement", "rows": 3, "position": 3, "digest": head[1]}
    log.write_text(f'starting\n{{"event": "request"}}\n{json.dumps(line)}\n')
    assert run(folder, "verify", "--log", str(log)).returncode == 0
    with sqlite3.connect(folder / "placement.db") as connection:
        connection.execute("DROP TRIGGER audit_goes")
        connection.execute("DELETE FROM audit WHERE id = 3")
    assert run(folder, "verify").returncode == 0
    done = run(folder, "verify", "--log", str(log))
    assert done.returncode == Exit.UNWELL
    assert "placement: BROKEN at position 3 (a row): rows at the end are gone" in done.stdout


def test_one_service_may_be_looked_at_alone(folder: Path) -> None:
    assert run(folder, "verify", "referral", "--json").stdout.startswith('{"referral": {"rows": 3')


def test_who_saw_a_referral_is_listed_over_all_services(folder: Path) -> None:
    told = json.loads(run(folder, "list", "--reference", REFERENCE, "--json").stdout)
    assert {row["service"] for row in told} == {"referral", "placement"}
    assert len(run(folder, "list", "--account", "a-2").stdout.splitlines()) == 2
