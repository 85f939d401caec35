"""What marshmallow found wrong, told to people: its English messages become sentences of our catalogue."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError

from chassis.i18n import Catalogue
from chassis.i18n import mark as _
from chassis.web.language import current_language
from chassis.web.state import current_state

#: marshmallow's own messages (4.x), as patterns, and what we say instead; named groups fill the sentence in
_SAID: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"Missing data for required field\.", _("Fill in this field.")),
        (r"Field may not be null\.", _("Fill in this field.")),
        (r"Unknown field\.", _("This field is not known.")),
        (r"Invalid input type\.|Invalid type\.", _("Send a JSON object.")),
        (r"Not a valid string\.|Not a valid utf-8 string\.", _("Enter text.")),
        (r"Not a valid integer\.", _("Enter a whole number.")),
        (r"Not a valid number\.|Number too large\.|Special numeric values .*", _("Enter a number.")),
        (r"Not a valid boolean\.", _("Answer with yes or no.")),
        (r"Not a valid date\.", _("Enter a date that exists, such as 27.03.1985.")),
        (r"Not a valid (.* )?datetime\.|Not a valid time\.", _("Enter a date and time that exist.")),
        (r"Not a valid list\.", _("Send a list.")),
        (r"Not a valid mapping type\.", _("Send a JSON object.")),
        (r"Not a valid email address\.", _("Enter an e-mail address such as name@example.ch.")),
        (r"Not a valid URL\.", _("Enter a web address that starts with https://.")),
        (r"Must be one of: .*", _("Choose one of the possible answers.")),
        (r"One or more of the choices you made was not in: .*", _("Choose among the possible answers.")),
        (r"Shorter than minimum length 1\.", _("Fill in this field.")),
        (r"Length must be between 1 and (?P<max>\d+)\.", _("Use between 1 and %(max)s characters.")),
        (r"Shorter than minimum length (?P<min>\d+)\.", _("Use at least %(min)s characters.")),
        (r"Longer than maximum length (?P<max>\d+)\.", _("Use at most %(max)s characters.")),
        (
            r"Length must be between (?P<min>\d+) and (?P<max>\d+)\.",
            _("Use between %(min)s and %(max)s characters."),
        ),
        (r"Length must be (?P<equal>\d+)\.", _("Use exactly %(equal)s characters.")),
        (
            r"Must be greater than or equal to (?P<min>\S+) and less than or equal to (?P<max>\S+)\.",
            _("Enter a value from %(min)s to %(max)s."),
        ),
        (r"Must be greater than or equal to (?P<min>\S+)\.", _("Enter %(min)s or more.")),
        (r"Must be greater than (?P<min>\S+)\.", _("Enter more than %(min)s.")),
        (r"Must be less than or equal to (?P<max>\S+)\.", _("Enter %(max)s or less.")),
        (r"Must be less than (?P<max>\S+)\.", _("Enter less than %(max)s.")),
        (r"String does not match expected pattern\.|Invalid (value|input)\.", _("This is not right.")),
        (r"Must be equal to .*|Not a valid .*", _("This is not right.")),
    )
)


def errors_for_people(
    error: ValidationError, labels: Mapping[str, str] | Iterable[str] = (), language: str | None = None
) -> dict[str, list[str]]:
    """`{field: [sentences]}` in the reader's language, in the order of `labels`, other fields after them.

    A field inside another is named `outer.inner`, what concerns the whole form `_schema`. Messages that a schema
    wrote itself are looked up in the service's catalogue; those of marshmallow become ours.
    """
    catalogue, language = current_state().catalogue, language or current_language()
    found = {
        name: [_say(catalogue, language, message) for message in messages]
        for name, messages in _flat(error.normalized_messages())
    }
    order = {name: place for place, name in enumerate(labels)}
    return dict(sorted(found.items(), key=lambda pair: order.get(pair[0], len(order))))


def _flat(messages: Any, path: str = "") -> Iterable[tuple[str, list[str]]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path or "_schema", messages if isinstance(messages, list) else [messages]


def _say(catalogue: Catalogue, language: str, message: Any) -> str:
    for pattern, said in _SAID:
        match = pattern.fullmatch(str(message))
        if match:
            return catalogue.gettext(language, said, **match.groupdict())
    return catalogue.gettext(language, message)
