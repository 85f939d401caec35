"""What can be wrong with a page that is open in a browser, whatever it is about."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from chassis.i18n import Catalogue
from tests.browser.routes import Routes
from tests.browser.visit import DESKTOP, PHONE, Visit
from tests.browser.words import foreign


def look_at(window: Visit, routes: Routes) -> dict[str, Any]:
    faults = Axe().run(window.page).response["violations"]
    return {
        "rule": routes.rule_of(window.page.url),
        "barriers": [f"{fault['id']}: {node['html']}" for fault in faults for node in fault["nodes"]],
        "foreign": foreign(window),
        "language": window.page.locator("html").get_attribute("lang"),
        "vague": vague(window),
        "torn": torn(window),
        **on_a_telephone(window),
    }


def vague(window: Visit) -> list[str]:
    """Errors beside a field that would fit any other."""
    said = Catalogue("console").gettext(window.language, "Fill in this field.")  # as all services share it
    assert said != "Fill in this field."
    return [each for each in window.errors() if each == said]


def on_a_telephone(window: Visit) -> dict[str, list[str]]:
    window.page.set_viewport_size(PHONE)
    found = {"too wide": too_wide(window), "torn on a telephone": torn(window)}
    window.page.set_viewport_size(DESKTOP)
    return found


def too_wide(window: Visit) -> list[str]:
    """What sticks out to the right; tables scroll in a box of their own."""
    return list(window.page.evaluate(_STICKING_OUT))


def torn(window: Visit) -> list[str]:
    """Short words that a line ends in the middle of, since what they stand in is too narrow."""
    return list(window.page.evaluate(_TORN))


_STICKING_OUT = """() => {
  const width = document.documentElement.scrollWidth
  if (width <= innerWidth) return []
  const out = [...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1
    || e.getBoundingClientRect().right > innerWidth).filter(e => !e.closest('.ancrage-table-scroll, pre'))
  return [`${width} px`, ...out.map(e => e.outerHTML.slice(0, 120))]
}"""


_TORN = """() => {
  const range = document.createRange(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const tops = () => new Set([...range.getClientRects()].filter(r => r.width > 1).map(r => Math.round(r.top / 4)))
  const found = []
  while (texts.nextNode()) {
    const text = texts.currentNode, around = text.parentElement
    if (!around.checkVisibility() || around.closest('pre, code, .ancrage-code, .ancrage-secret')) continue
    for (const word of text.data.matchAll(/(?<![^\\s(])\\p{L}{2,12}(?=[.,:;)]?(?:\\s|$))/gu)) {
      range.setStart(text, word.index)
      range.setEnd(text, word.index + word[0].length)
      if (tops().size > 1) found.push(`${word[0]} in ${around.outerHTML.slice(0, 80)}`)
    }
  }
  const pen = document.createElement('canvas').getContext('2d')
  for (const cell of document.querySelectorAll('[data-title]')) {  // titles of columns, written by the style
    const style = getComputedStyle(cell, '::before')
    if (style.content === 'none') continue
    pen.font = style.font
    for (const word of cell.dataset.title.split(' '))
      if (pen.measureText(word).width > parseFloat(getComputedStyle(cell).gridTemplateColumns)) found.push(word)
  }
  return found
}"""
