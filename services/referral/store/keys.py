"""By which keys a person is found again. They are only ever stored as keyed hashes: none can be read back."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import product
from typing import Final, Protocol

from anyascii import anyascii

from chassis.crypto import KeyedHash

#: small words of names that many people share
_PARTICLES: Final = frozenset(
    {"da", "dal", "de", "degli", "dei", "del", "della", "den", "der", "di", "do", "dos", "du"}
    | {"el", "la", "le", "van", "von", "zu", "zum", "zur"}
)
_LENGTH: Final = 32  #: hexadecimal digits of a stored key: 128 bits
_APOSTROPHES: Final = re.compile("['’ʼ`´]")
_DIGRAPHS: Final = re.compile(r"([aou])e")


class Named(Protocol):
    """Whoever has a name and a date of birth."""

    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def birth_date(self) -> date: ...


def words(name: str) -> list[str]:
    """The words of a name, however it is spelt: Müller, Mueller and MULLER are the same, and so are Çelik and Celik."""
    latin = anyascii(_APOSTROPHES.sub("", name).casefold()).casefold()
    return [_DIGRAPHS.sub(r"\1", word) for word in re.findall(r"[a-z0-9]+", latin)]


def search_keys(person: Named) -> set[str]:
    """One key for each word of the name: a search finds whole words, O'Neill by oneill and by neill."""
    name = f"{person.family_name} {person.given_name}"
    return {*words(name), *words(_APOSTROPHES.sub(" ", name))}


def likeness_keys(person: Named) -> set[str]:
    """Two people who share one of these may well be the same.

    Each is the date of birth with one family and one given name, in either order: a hyphen, a second name, a name
    by marriage or names typed in each other's fields make no difference.
    """
    families, givens = _parts(person.family_name), _parts(person.given_name)
    pairs = {tuple(sorted(pair)) for pair in product(families, givens)}
    return {f"{person.birth_date.isoformat()} {first} {second}" for first, second in pairs}


def hashed_keys(hasher: KeyedHash, person: Named, cms_area: str) -> set[str]:
    """All keys of a person as they are stored."""
    return hashed_words(hasher, search_keys(person), cms_area) | hashed_likeness(hasher, person)


def hashed_words(hasher: KeyedHash, found: Iterable[str], cms_area: str) -> set[str]:
    """The words of names as one CMS stores them: those of two CMS cannot be compared."""
    return {hasher.of(f"word {cms_area} {word}")[:_LENGTH] for word in found}


def hashed_likeness(hasher: KeyedHash, person: Named) -> set[str]:
    return {hasher.of(f"like {key}")[:_LENGTH] for key in likeness_keys(person)}


def _parts(name: str) -> set[str]:
    """The words that tell, and all of them as one: Anne-Marie is Annemarie too."""
    found = words(name)
    telling = [word for word in found if word not in _PARTICLES] or found
    return {*telling, "".join(found)} - {""}


def sorting_key(text: str) -> str:
    """É beside E, as in a telephone book."""
    return anyascii(text).casefold()
