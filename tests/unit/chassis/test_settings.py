"""Settings say which one is wrong, what was expected, and never a secret."""

import stat
from pathlib import Path

import pytest

from chassis.crypto import CannotOpen, Cipher, KeyedHash, Opener, Sealer
from chassis.settings import Settings, SettingsError


def test_without_any_setting_everything_runs_on_this_machine(tmp_path: Path) -> None:
    settings = Settings.read({}, data=tmp_path, create=True)
    assert settings.embedded
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_url("referral") == f"sqlite:///{tmp_path}/referral.db"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ANCRAGE_PORT", "eighty", "integer"),
        ("ANCRAGE_PORT", "70000", "65535"),
        ("ANCRAGE_AMQP_URL", "http://broker", "amqp://"),
        ("ANCRAGE_PUBLIC_URL", "ftp://here", "https://"),
        ("ANCRAGE_SMTP_URL", "mail.example", "smtp://"),
        ("ANCRAGE_DEMO", "perhaps", "boolean"),
        ("ANCRAGE_PROXIES", "many", "integer"),
        ("ANCRAGE_MAIL_FROM", "nobody", "email"),
        ("ANCRAGE_CONTACT", "nobody", "email"),
        ("ANCRAGE_OUTBOX_DAYS", "0", "1"),
        ("ANCRAGE_INBOX_DAYS", "29", "30"),
        ("ANCRAGE_INBOX_DAYS", "30", "more days than ANCRAGE_OUTBOX_DAYS"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(name: str, value: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name) as error:
        Settings.read({name: value}, data=tmp_path)
    assert expected in str(error.value)


def test_a_wrong_url_is_not_repeated_for_it_may_hold_a_password(tmp_path: Path) -> None:
    settings = Settings.read({"ANCRAGE_PING_DATABASE_URL": "mysql://u:hunter2@db/x"}, data=tmp_path)
    with pytest.raises(SettingsError, match="ANCRAGE_PING_DATABASE_URL") as error:
        settings.database_url("ping")
    assert "hunter2" not in str(error.value)


def test_a_missing_secret_says_which_and_who_makes_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ANCRAGE_SESSION_KEY.*make-secrets"):
        _ = Settings.read({}, data=tmp_path).keys.session


def test_a_data_folder_keeps_its_keys_and_only_its_owner_reads_them(tmp_path: Path) -> None:
    first = Settings.read({}, data=tmp_path, create=True).keys
    again = Settings.read({}, data=tmp_path).keys
    assert first.session == again.session != first.token
    assert first.field("referral") == again.field("referral") != first.field("placement")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_environment_goes_before_the_data_folder(tmp_path: Path) -> None:
    settings = Settings.read({"ANCRAGE_SESSION_KEY": "given"}, data=tmp_path, create=True)
    assert settings.keys.session == "given"


def test_neither_settings_nor_keys_show_a_secret_when_printed(tmp_path: Path) -> None:
    settings = Settings.read({"ANCRAGE_SESSION_KEY": "hunter2"}, data=tmp_path, create=True)
    assert "hunter2" not in repr(settings)
    assert (tmp_path / "secret").read_text() not in repr(settings)


def test_what_is_sealed_for_a_service_only_its_own_key_opens(tmp_path: Path) -> None:
    keys = Settings.read({}, data=tmp_path, create=True).keys
    sealed = Sealer(keys.sealing_public("placement")).seal({"name": "Zoé"})
    assert "d" not in keys.sealing_public("placement")
    assert "Zoé" not in sealed
    assert Opener(keys.sealing_private("placement")).open(sealed) == {"name": "Zoé"}
    with pytest.raises(CannotOpen):
        Opener(keys.sealing_private("evaluation")).open(sealed)


def test_a_field_key_can_be_renewed(tmp_path: Path) -> None:
    old = Settings.read({}, data=tmp_path / "old", create=True).keys.field("referral")
    new = Settings.read({}, data=tmp_path / "new", create=True).keys.field("referral")
    sealed = Cipher(old).seal("756.1234.5678.97")
    assert Cipher([*new, *old]).open(sealed) == "756.1234.5678.97"
    with pytest.raises(CannotOpen):
        Cipher(new).open(sealed)


def test_a_keyed_hash_finds_the_same_and_needs_the_key() -> None:
    assert KeyedHash("a").of("756") == KeyedHash("a").of("756")
    assert KeyedHash("a").of("756") != KeyedHash("b").of("756")
