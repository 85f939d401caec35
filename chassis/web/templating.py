"""Where pages are found, and the words and parts they all may use."""

from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache, ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from jinja2.bccache import Bucket

from chassis import i18n
from chassis.web import language, parts, static_files
from chassis.web.navigation import describe_page


class _SharedCode(BytecodeCache):
    """Compiled templates, shared by all the applications of one process: most of what they use is the same."""

    code: dict[tuple[str, str], CodeType] = {}  # noqa: RUF012 - shared on purpose

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.code[bucket.key, bucket.checksum] = bucket.code


def prepare_templates(app: Flask, catalogue: i18n.Catalogue) -> None:
    """Templates of the service, then those of all services, then govuk-frontend's macros."""
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(catalogue.directory / "templates"),
            FileSystemLoader(i18n.COMMON / "templates"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    env = app.jinja_env
    env.bytecode_cache = _SharedCode()
    env.globals |= parts.GLOBALS
    env.globals |= {"_": language.t, "gettext": language.t, "ngettext": language.tn, "asset": static_files.asset}
    for name in ("date", "time", "datetime", "chf", "number", "avs", "phone"):
        env.filters[name] = getattr(i18n, f"format_{name}")
    env.filters |= parts.FILTERS
    env.filters["quoted"] = lambda text: i18n.quoted(text, language.current_language())
    app.context_processor(describe_page)
