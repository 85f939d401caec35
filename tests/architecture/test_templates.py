"""What templates say is marked for translation, and they hold nothing that the content security policy refuses."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).parents[2]
_ROOMS = ("chassis", "services", "console")
TEMPLATES = sorted(str(path.relative_to(ROOT)) for room in _ROOMS for path in (ROOT / room).rglob("*.html"))

#: words that are the same in all languages
SAME = {"Ancrage"}
#: attributes that are read out or shown
SPOKEN = ("alt", "aria-label", "placeholder", "title", "content")
_WORD = re.compile(r"[^\W\d_]{2,}")


class Said(HTMLParser):
    """Collects what a template says literally, and what it tries to run in the page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inline: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += [word for word in _WORD.findall(data) if word not in SAME]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        for name in SPOKEN:
            if tag != "meta":
                self.words += _WORD.findall(given.get(name) or "")
        self.inline += [f"<{tag} {name}>" for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(f"<{tag}>")


def literal(source: str) -> str:
    """A template without what Jinja fills in: each expression leaves a mark that is no word."""
    pieces: list[str] = []
    inside = False
    for _line, kind, text in Environment(autoescape=True).lex(source):
        if kind in ("variable_begin", "block_begin"):
            inside = True
            pieces.append("0" if kind == "variable_begin" else "")
        elif kind in ("variable_end", "block_end"):
            inside = False
        elif kind == "data" and not inside:
            pieces.append(text)
    return "".join(pieces)


def look_at(source: str) -> Said:
    said = Said()
    said.feed(literal(source))
    return said


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_of_a_template_is_marked_for_translation(name: str) -> None:
    assert look_at((ROOT / name).read_text()).words == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_inline_script_or_style(name: str) -> None:
    assert look_at((ROOT / name).read_text()).inline == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_form_that_changes_something_carries_a_token(name: str) -> None:
    source = (ROOT / name).read_text()
    for form in re.findall(r"<form\b[^>]*post.*?</form>", source, re.S | re.I):
        assert "csrf" in form, form[:200]


def test_what_is_not_marked_is_found() -> None:
    said = look_at('<p>{{ _("Good day") }} dear <b title="hidden">{{ name }}</b></p>{% if x %}you{% endif %}{# me #}')
    assert said.words == ["dear", "hidden", "you"]
    assert look_at('<p style="x" onclick="y"></p><script>z</script>').inline == ["<p style>", "<p onclick>", "<script>"]
