"""Typesets a page of facts as a tagged PDF, in the web process: some ten milliseconds each."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import typst


def typeset(contents: dict[str, Any]) -> bytes:
    """`contents`: title, reference, language, words, lead and parts, as templates/referral/file.typ reads them.

    Accessible to PDF/UA; a sign that no font at hand can draw would forbid that, and then it is a plain tagged PDF.
    """
    told = {"contents": json.dumps(contents, ensure_ascii=False)}
    try:
        return _compile(told, pdf_standards=["ua-1"])
    except typst.TypstError:
        return _compile(told)


def _compile(told: dict[str, str], **options: Any) -> bytes:
    made = typst.compile(_source(), format="pdf", sys_inputs=told, **options)
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


@cache
def _source() -> bytes:
    return files("services.referral").joinpath("templates/referral/file.typ").read_bytes()
