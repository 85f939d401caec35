"""Imports run one way, and the check of it can fail: each contract is shown a violation."""

import configparser
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("contracts", "chassis", "services", "console", "ancrage")

#: contract -> module (a file or a folder of that name) and the line that breaks the contract in it
VIOLATIONS = [
    ("rooms", "chassis.envelope", "import contracts.vocabulary"),
    ("rooms", "chassis.web.app", "from services.referral import domain"),
    ("rooms", "contracts.vocabulary", "import chassis.clock"),
    ("rooms", "services.referral.handlers", "import ancrage.house"),
    ("rooms", "console.planted", "from services.referral import store"),
    ("services", "services.evaluation.handlers", "from services.referral import domain"),
    ("services", "services.notification.domain", "from services.evaluation.domain import waves"),
    ("layers", "services.referral.domain", "from services.referral import store"),
    ("layers", "services.referral.store", "def late():\n    from services.referral import handlers"),
    ("layers", "services.evaluation.handlers", "import services.evaluation.wiring"),
    ("layers", "services.evaluation.wiring", "import services.evaluation.service"),
    ("layers", "services.evaluation.unlisted", "import services.evaluation.domain"),
    ("domain", "services.referral.domain", "import sqlalchemy"),
    ("domain", "services.referral.domain", "import contracts.placement"),
    ("domain", "services.evaluation.domain", "import chassis.clock"),
    ("contracts", "contracts.event", "import flask"),
    ("nameko", "chassis.loops", "import eventlet"),
    ("nameko", "services.evaluation.handlers", "from nameko import events"),
    ("kombu", "chassis.relay", "from kombu import Connection"),
    ("kombu", "services.evaluation.service", "from amqp import exceptions"),
    ("worker", "chassis.loops", "import chassis.worker"),
    ("worker", "services.evaluation.handlers", "import chassis.worker"),
    ("web", "chassis.web.app", "import chassis.broker.amqp"),
    ("web", "services.referral.forms", "import chassis.loops"),
    ("web", "console.planted", "import chassis.worker"),
]


def _lint(tree: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    chosen = [part for name in contracts for part in ("--contract", name)]
    return subprocess.run([str(program), "--no-cache", *chosen], cwd=tree, capture_output=True, text=True)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house's code and contracts."""
    copy = tmp_path_factory.mktemp("house")
    for path in [*(each for room in ROOMS for each in (ROOT / room).rglob("*.py")), ROOT / ".importlinter"]:
        _copy(path, copy)
    _copy(ROOT / "tests/architecture/only.py", copy)
    return copy


def _copy(path: Path, tree: Path) -> None:
    target = tree / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


@pytest.fixture
def planted(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    module, line = request.param
    path = tree.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((before or b"") + f"\n{line}\n".encode())
    yield tree
    path.unlink() if before is None else path.write_bytes(before)


def test_the_house_keeps_its_own_rules(tree: Path) -> None:
    found = _lint(tree)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("contract", "planted"), [(c, (m, line)) for c, m, line in VIOLATIONS], indirect=["planted"])
def test_a_planted_violation_is_found(contract: str, planted: Path) -> None:
    found = _lint(planted, contract)
    assert found.returncode == 1, found.stdout
    assert "BROKEN" in found.stdout or "exhaustive" in found.stdout.lower()


def test_each_contract_has_been_seen_to_fail() -> None:
    declared = configparser.ConfigParser()
    declared.read(ROOT / ".importlinter")
    names = {section.rpartition(":")[2] for section in declared.sections() if ":contract:" in section}
    assert names == {contract for contract, _, _ in VIOLATIONS}
