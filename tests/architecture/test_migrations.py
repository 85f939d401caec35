"""Each service's migrations are one chain: a store has one newest revision."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

SERVICES = Path(__file__).parents[2] / "services"


def heads(migrations: Path) -> list[str]:
    return list(ScriptDirectory(str(migrations)).get_heads())


@pytest.mark.parametrize("migrations", sorted(SERVICES.glob("*/migrations")), ids=lambda path: path.parent.name)
def test_every_service_has_one_newest_revision(migrations: Path) -> None:
    assert len(heads(migrations)) == 1


def test_two_revisions_on_the_same_one_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    for revision, down in (("a", None), ("b", "a"), ("c", "a")):
        (tmp_path / "versions" / f"{revision}.py").write_text(f"revision = {revision!r}\ndown_revision = {down!r}\n")
    assert sorted(heads(tmp_path)) == ["b", "c"]
