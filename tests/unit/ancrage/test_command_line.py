"""The command line itself, in processes of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ancrage.cli import COMMANDS
from ancrage.trouble import Exit
from tests.plant.server import PATIENCE


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ancrage", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment or None, timeout=PATIENCE)


def imported(*arguments: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    program = (
        f"import sys\nsys.argv[1:] = {list(arguments)!r}\nfrom ancrage.cli import main\n"
        "try:\n    main()\nfinally:\n    print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    return set(done.stderr.splitlines())


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    modules = imported("--help")
    assert all(command in run("--help").stdout for command in COMMANDS)
    assert not {"sqlalchemy", "flask", "rich", "nameko", "httpx", "cryptography"} & modules


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert not done.stderr


def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path) -> None:
    done = run("status", "--data", str(tmp_path), ANCRAGE_AMQP_URL="http://broker")
    assert done.returncode == Exit.SETTINGS
    assert done.stderr.startswith("ancrage: ANCRAGE_AMQP_URL")
    assert done.stderr.count("\n") == 1


def test_an_unknown_service_is_named_with_those_that_exist(tmp_path: Path) -> None:
    done = run("migrate", "referal", "--data", str(tmp_path))
    assert done.returncode == Exit.UNKNOWN
    assert "'referal'" in done.stderr
    assert "referral" in done.stderr


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """The folder of a system with a store of referrals."""
    from ancrage import house
    from chassis.settings import Settings

    house.migrate("referral", Settings.read({}, data=tmp_path, create=True))
    return tmp_path


def test_a_token_needs_a_system(tmp_path: Path) -> None:
    done = run("token", "--data", str(tmp_path), "--area", "all")
    assert done.returncode == Exit.SETTINGS
    assert "no referral.db" in done.stderr


def test_a_token_says_for_whom_it_speaks_until_it_is_ended(system: Path) -> None:
    from datetime import UTC, datetime

    from chassis.crypto import read_token
    from chassis.settings import Settings

    chosen = ("--area", "sierre", "--days", "1", "--organisation", "CMS Sierre", "--scope", "referrals:read")
    done = run("token", "--data", str(system), *chosen)
    claims = read_token(Settings.read({}, data=system).keys.token, done.stdout.strip(), datetime.now(UTC))
    assert (claims["sub"], claims["areas"]) == ("integration:CMS Sierre", ["sierre"])
    assert claims["scopes"] == ["referrals:read"]
    assert run("token", "end", claims["jti"], "--data", str(system)).returncode == Exit.DONE
    (listed,) = json.loads(run("token", "list", "--json", "--data", str(system)).stdout)
    assert (listed["id"], listed["organisation"]) == (claims["jti"], "CMS Sierre")
    assert listed["ended_at"]


def test_tokens_of_no_area_and_unknown_tokens_are_refused(system: Path) -> None:
    assert run("token", "--data", str(system), "--area", "sion").returncode == Exit.UNKNOWN
    assert run("token", "--data", str(system)).returncode == Exit.USAGE
    assert run("token", "end", "none", "--data", str(system)).returncode == Exit.UNKNOWN


def test_launcher_and_pages_import_neither_nameko_nor_a_broker(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
import ancrage.commands.up, ancrage.launcher.up, ancrage.launcher.accounts, ancrage.serving
from ancrage import house
from ancrage.demonstration import api, people, shown
from chassis.settings import Settings
settings = Settings.read({{}}, data=Path({str(tmp_path)!r}), create=True)
for name in house.SERVICES:
    house.migrate(name, settings)
house.site(house.SITES, settings)
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"nameko", "eventlet", "kombu", "amqp", "flask"}}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.strip() == "['flask']", done.stderr


def test_a_new_system_gets_its_first_administrator_once(tmp_path: Path) -> None:
    from ancrage import house
    from chassis.settings import Settings
    from services.identity import queries

    settings = Settings.read({}, data=tmp_path, create=True)
    for name in house.SERVICES:
        house.migrate(name, settings)
    told = ("administrator", "chef@canton.example", "--name", "Direction", "--data", str(tmp_path))
    first, again = run(*told), run(*told)
    assert first.returncode == 0, first.stderr
    assert len(first.stdout.strip()) >= 12
    assert again.returncode == Exit.REFUSED
    assert run("administrator", "nobody", "--name", "x", "--data", str(tmp_path)).returncode == Exit.USAGE
    with house.wire("identity", settings).reading() as session:
        (account,) = queries.list_accounts(session)
    assert (account.email, account.role) == ("chef@canton.example", "administrator")
