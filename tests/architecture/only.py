"""An import contract that says what may be imported, so that nothing has to be forbidden by name."""

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Only(Contract):
    """`modules` (and what is inside them) import directly only the standard library, themselves and `allowed`.

    In `allowed`, `{parent}` stands for the name of the package that holds the module: `placement` for
    `services.placement.domain`. Packages stand for all that is in them.
    """

    type_name = "only"

    modules = fields.ListField(subfield=fields.ModuleExpressionField())
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        for expression in self.modules:  # type: ignore[attr-defined]  # what the field holds once it is read
            for root in sorted(_matching(graph, str(expression))):
                broken += self._strangers(graph, root)
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"- {importer} -> {imported}", bold=False)
        output.new_line()

    def _strangers(self, graph: ImportGraph, root: str) -> list[tuple[str, str]]:
        parent = root.split(".")[-2] if "." in root else ""
        allowed: list[Any] = [each.replace("{parent}", parent) for each in self.allowed]  # type: ignore[attr-defined]
        return [
            (importer, imported)
            for importer in sorted({root} | graph.find_descendants(root))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported.split(".")[0] not in sys.stdlib_module_names
            and not any(imported == home or imported.startswith(f"{home}.") for home in (root, *allowed))
        ]


def _matching(graph: ImportGraph, expression: str) -> set[str]:
    return set(graph.find_matching_modules(expression)) if "*" in expression else {expression} & graph.modules
