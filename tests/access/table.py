"""The table of addresses: read, found, compared."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from werkzeug.test import TestResponse

from tests.access.scene import Scene
from tests.access.visitors import COLUMNS, Asking
from tests.together import Together

FILE = Path(__file__).parent / "who_may_what.txt"

Line = tuple[str, str]  #: method and rule
Cells = dict[str, str]  #: column -> sign

#: files and signs of life, open to everybody; and what every service answers the console alike
_ALIKE = ("/assets/", "/health/")
_ENDS = ("/check", "/discard", "/drop")


def read(text: str) -> dict[Line, Cells]:
    """`METHOD rule sign sign …`; lines with # are for people."""
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    head, *lines = rows
    return {(method, rule): dict(zip(head[2:], signs, strict=True)) for method, rule, *signs in lines}


def written(found: dict[Line, Cells]) -> str:
    """The table as the file holds it."""
    wide = max(len(rule) for _method, rule in found) + 2
    lines = [("method", "rule", list(COLUMNS))]
    lines += [(*line, [found[line][name] for name in COLUMNS]) for line in sorted(found, key=lambda line: line[::-1])]
    return "\n".join(f"{method:<8}{rule:<{wide}}{cells(signs)}".rstrip() for method, rule, signs in lines)


def cells(signs: Iterable[str]) -> str:
    return " ".join(f"{sign:^{len(name)}}" for sign, name in zip(signs, COLUMNS, strict=True))


def lines_of(world: Together) -> Iterator[Line]:
    """Every address of every service with every method, once, but for what is alike for everybody."""
    yield from (line for line in every_line(world) if not line[1].startswith(_ALIKE))


def every_line(world: Together) -> list[Line]:
    rules = [rule for app in world.apps.values() for rule in app.url_map.iter_rules()]
    lines = {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    # the console has no store, and nobody can reach its operations from outside: it is mounted nowhere
    return sorted(line for line in lines if not line[1].startswith("/operations/console/"))


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Looking comes before doing, and what ends something comes last: a draft, a file, a session."""
    return sorted(lines, key=lambda line: (line[0] != "GET", "sign-out" in line[1], line[1].endswith(_ENDS), line))


def found(scene: Scene, visitors: Mapping[str, Asking], lines: Iterable[Line] | None = None) -> dict[Line, Cells]:
    """What everybody gets everywhere."""
    return {
        line: {name: sign(ask(visitor, line, scene)) for name, visitor in visitors.items()}
        for line in in_order(lines or lines_of(scene.world))
    }


def ask(visitor: Asking, line: Line, scene: Scene) -> TestResponse:
    method, rule = line
    path = scene.address(rule)
    return visitor.get(path) if method == "GET" else visitor.send(path, method=method, **scene.form(rule))


def sign(answer: TestResponse) -> str:
    """As the head of the table explains it."""
    if answer.status_code >= 500:
        return "E"
    if answer.status_code in (302, 303) and answer.headers["Location"].startswith("/account/sign-in"):
        return "s"
    return {400: "x", 401: "t", 403: "-", 404: "o"}.get(answer.status_code, "+")


def differences(told: dict[Line, Cells], found: dict[Line, Cells]) -> list[str]:
    """In words, one a cell."""
    missing = [f"{method} {rule}: is not in the table" for method, rule in found.keys() - told.keys()]
    gone = [f"{method} {rule}: is in the table and nowhere else" for method, rule in told.keys() - found.keys()]
    wrong = [
        f"{method} {rule}: {column} gets {found[method, rule][column]}, the table says {sign}"
        for (method, rule), cells in told.items()
        if (method, rule) in found
        for column, sign in cells.items()
        if found[method, rule][column] != sign
    ]
    return [*missing, *gone, *wrong]
