"""Every place where somebody could be named who may not be: how it is read, and how a leak into it is planted."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from urllib.parse import unquote_plus

from kombu import Connection

from ancrage import house
from tests.browser import site as mailboxes
from tests.privacy.life import Life, operators_pages

SPY = "spy"
_EXCHANGE = "ancrage.events"
#: what could not be handled is kept as it came; operators see it masked
_RAW = ("failures",)


# -- reading --


def logs(life: Life) -> Iterator[str]:
    """Of web and worker, requests included, and what the launcher itself says."""
    folder = life.site.folder
    for path in (*(folder / "log").glob("*"), folder.parent / f"{folder.name}.log"):
        yield path.read_text(errors="replace")


def letters(life: Life) -> Iterator[str]:
    """Head and body, decoded; and what the files are called."""
    for path in (life.site.folder / "mail").rglob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body()
        yield "\n".join([path.name, *map(str, mail.values()), str(body.get_content()) if body else ""])


def addresses(life: Life) -> Iterator[str]:
    """What was asked for, where it led, and every link and form of every page that was shown."""
    for answer in life.answers:
        yield unquote_plus(f"{answer.request.url} {answer.headers.get('Location', '')}")
        if "html" in answer.headers.get("Content-Type", ""):
            yield unquote_plus(" ".join(re.findall(r'(?:href|action|src)="([^"]+)"', answer.text)))


def headers(life: Life) -> Iterator[str]:
    """Of every answer; the session in its cookie is only signed, so it is read, too."""
    for answer in life.answers:
        yield unquote_plus("\n".join(f"{name}: {value}" for name, value in answer.headers.items()))
        if cookie := answer.cookies.get(mailboxes.COOKIE):
            yield str(life.site.opened(cookie))


def events(life: Life) -> Iterator[str]:
    """Everything that went over the broker: routing keys, properties, headers, bodies; what is sealed stays so."""
    with Connection(life.site.environ["ANCRAGE_AMQP_URL"]) as connection, connection.channel() as channel:
        while (message := channel.basic_get(SPY)) is not None:
            life.site.heard.append(f"{message.delivery_info} {message.properties} {_text(message.body)}")
            channel.basic_ack(message.delivery_tag)
    yield from life.site.heard


def broker_names(life: Life) -> Iterator[str]:
    """Of queues, exchanges and bindings, with their arguments."""
    yield life.site.rabbitmq.ctl("export_definitions", "-")


def stores(life: Life) -> Iterator[str]:
    """Every value of every table of every service: outboxes, inboxes, audit and what is sealed among them."""
    for name in house.SERVICES:
        with sqlite3.connect(life.site.folder / f"{name}.db") as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                if table not in _RAW:
                    yield from map(_row, connection.execute(f'SELECT * FROM "{table}"'))  # noqa: S608  # names of tables


def _row(row: tuple[object, ...]) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), " ".join(map(_text, row)))


def _text(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, (bytes, memoryview)) else str(value)


def pages_of_operators(life: Life) -> Iterator[str]:
    for mailbox in (mailboxes.OPERATOR, mailboxes.ADMINISTRATOR):
        with life.site.clerk(mailbox) as keeper:
            yield from (keeper.get(page).text.replace("<wbr>", "") for page in operators_pages(life))
            yield keeper.get("/audit/audit.csv").text if mailbox == mailboxes.ADMINISTRATOR else ""


def command_line(life: Life) -> Iterator[str]:
    """What operators' commands print."""
    failures = [f"{each['service']}/{each['id']}" for each in life.site.json("failures", "list")]
    commands = [
        ("status",), ("status", "--json"), ("trace", life.references[0]), ("trace", life.references[0], "--json"),
        ("failures", "list"), *(("failures", "show", each) for each in failures[:2]),
        ("audit", "list"), ("audit", "verify"), ("retention", "--dry-run"),
    ]  # fmt: skip
    yield from (life.site.run(*command) for command in commands)


# -- planting --


def _into_logs(life: Life, name: str) -> None:
    with (life.site.folder / "log" / "web.log").open("a") as log:
        log.write(f'{{"event": "request", "who": "{name}"}}\n')


def _into_letters(life: Life, name: str) -> None:
    (life.site.folder / "mail" / "planted.eml").write_text(f"Subject: Bonjour\n\nMadame {name} attend.\n")


def _into_addresses(life: Life, name: str) -> None:
    with life.clerk(mailboxes.CMS_SION) as worker:
        worker.client.get("/referrals/", params={"search": name})


def _into_headers(life: Life, name: str) -> None:
    with life.clerk(mailboxes.CMS_SION) as worker:
        worker.client.get("/account/sign-in", params={"next": f"/referrals/{name}"})


def _into_events(life: Life, name: str) -> None:
    with Connection(life.site.environ["ANCRAGE_AMQP_URL"]) as connection, connection.channel() as channel:
        channel.basic_publish(channel.prepare_message(b"{}", headers={"who": name}), _EXCHANGE, "nobody.hears.v1")


def _into_broker_names(life: Life, name: str) -> None:
    with Connection(life.site.environ["ANCRAGE_AMQP_URL"]) as connection, connection.channel() as channel:
        channel.queue_declare(f"ancrage.{name}.v1", auto_delete=False)


def _into_stores(life: Life, name: str) -> None:
    _change(life, "inbox", "source", name)


def _into_failures(life: Life, name: str) -> None:
    """As a cause that says what it could not read."""
    _change(life, "failures", "message", name)


def _change(life: Life, table: str, column: str, name: str) -> None:
    with sqlite3.connect(life.site.folder / "placement.db", timeout=30) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (f"for {name}",))  # noqa: S608  # names of tables


CHANNELS: dict[str, Callable[[Life], Iterator[str]]] = {
    "logs": logs,
    "e-mails": letters,
    "addresses": addresses,
    "headers": headers,
    "events": events,
    "names on the broker": broker_names,
    "stores": stores,
    "pages of operators": pages_of_operators,
    "command line": command_line,
}
PLANTS: dict[str, Callable[[Life, str], None]] = {
    "logs": _into_logs,
    "e-mails": _into_letters,
    "addresses": _into_addresses,
    "headers": _into_headers,
    "events": _into_events,
    "names on the broker": _into_broker_names,
    "stores": _into_stores,
    "pages of operators": _into_failures,
    "command line": _into_failures,
}
