"""A column whose values nobody can read in the database: sealed with the service's own key, as JSON."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from chassis.crypto import Cipher


def _as_it_is(value: Any) -> Any:
    return value


class Sealed(sa.TypeDecorator[Any]):
    """A value in, its JSON sealed in the column, an equal value out. The store's `seal_with` comes first."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, dump: Callable[[Any], Any] = _as_it_is, load: Callable[[Any], Any] = _as_it_is) -> None:
        super().__init__()
        self.dump = dump
        self.load = load

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else _cipher_of(dialect).seal(json.dumps(self.dump(value), ensure_ascii=False))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.load(json.loads(_cipher_of(dialect).open(value)))


def seal_with(engine: sa.Engine, cipher: Cipher) -> None:
    """From now on the sealed columns of this engine are read and written with `cipher`."""
    engine.dialect.ancrage_cipher = cipher  # type: ignore[attr-defined]  # an engine's dialect is its own


def _cipher_of(dialect: sa.Dialect) -> Cipher:
    cipher = getattr(dialect, "ancrage_cipher", None)
    if cipher is None:
        raise LookupError("no cipher was given to this store: see seal_with")
    return cipher
