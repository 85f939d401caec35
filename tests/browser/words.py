"""Finds what stands on a page in another language than its own."""

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from services.notification.domain.defaults import DEFAULT_PARTNERS
from services.referral.domain import communes
from tests.browser.visit import Visit

_ROOT = Path(__file__).parents[2]
_BLANK = re.compile(r"%\(\w+\)[sd]")
#: words that no French or German sentence holds
_ENGLISH = re.compile(r"\b(the|of|and|with|this|from|are|been|has|have|you|your|not yet|is)\b")

#: what languages call themselves, and what is called the same in each
_NAMES = {"Français", "Deutsch", "Ancrage"} | {str(partner["name"]) for partner in DEFAULT_PARTNERS}
_NAMES |= {commune.name for commune in communes().values()}

#: the texts and labels of a page that claim to be in the page's language
_SHOWN = """() => {
  const own = document.documentElement.lang, found = []
  const isOwn = e => e.closest('[lang]').lang.split('-')[0] === own && !e.closest('script, style, textarea')
  const page = document.documentElement.cloneNode(true)
  page.querySelectorAll('wbr').forEach(e => e.remove())  // where a line may end, a text goes on
  page.normalize()
  const walk = document.createTreeWalker(page, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) if (isOwn(walk.currentNode.parentElement)) found.push(walk.currentNode.data)
  for (const e of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    if (isOwn(e)) for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      if (e.hasAttribute(name)) found.push(e.getAttribute(name))
  return found
}"""


def foreign(window: Visit) -> list[str]:
    """Texts on the page that are no sentence of its language but one of another, or sound like English."""
    texts = {re.sub(r"\s+", " ", text).strip() for text in window.page.evaluate(_SHOWN)}
    return sorted(text for text in texts if text and is_foreign(text, window.language))


def is_foreign(text: str, language: str) -> bool:
    if _ENGLISH.search(text):
        return True
    own, others = _sentences(language), _sentences("en") | _sentences("de" if language == "fr" else "fr")
    return text in others - own - _NAMES


@cache
def _sentences(language: str) -> frozenset[str]:
    """All sentences of the catalogues in a language, those with blanks left out; `en` are the ids themselves."""
    found: set[str] = set()
    for path in _ROOT.glob(f"*/**/translations/{'fr' if language == 'en' else language}/LC_MESSAGES/messages.po"):
        with path.open("rb") as lines:
            for message in read_po(lines):
                text = message.id if language == "en" else message.string
                found |= {text} if isinstance(text, str) else set(text)
    return frozenset(re.sub(r"\s+", " ", text) for text in found if text and not _BLANK.search(text))
