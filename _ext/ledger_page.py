"""Sphinx extension: the ledger on a page. The directive {ledger-table} prints every claim with its verdict.

It reads ledger.json, which the build has just written beside the pages; nothing is typed twice.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class LedgerTable(SphinxDirective):
    """A table: claim, verdict, the measured effect with its interval, chapter."""

    def run(self):
        file = Path(self.env.srcdir) / "ledger.json"
        self.env.note_dependency(str(file))
        rows = [self._row(claim) for claim in json.loads(file.read_text())["claims"]]
        head = ("Claim", "Verdict here", "Measured effect, with its 90 % interval", "Reach")
        group = nodes.tgroup(cols=len(head))
        group += [nodes.colspec(colwidth=width) for width in (40, 15, 35, 10)]
        group += nodes.thead("", self._line(nodes.Text(text) for text in head))
        group += nodes.tbody("", *rows)
        return [nodes.table("", group, classes=["ledger-table"])]

    def _row(self, claim):
        lines = [
            f"{part['id']}, {part['part']}: {sum(part['measured']) / len(part['measured']):.1f} {part['unit']} "
            f"({part['interval'][0]:.1f} to {part['interval'][1]:.1f}), {part['verdict']}"
            for part in claim["experiments"]
        ]
        measured = nodes.line_block("", *(nodes.line("", line) for line in lines)) if lines else nodes.Text("–")
        text = nodes.inline("", claim["claim"] + " ")
        if claim["chapter"]:
            uri = self.env.app.builder.get_relative_uri(self.env.docname, claim["chapter"])
            text += nodes.reference("", "The chapter.", refuri=uri, internal=True)
        verdict = nodes.strong("", claim["verdict"])
        if claim["condition"]:
            verdict = nodes.inline("", "", verdict, nodes.Text(f": {claim['condition']}"))
        return self._line([text, verdict, measured, nodes.Text(f"{claim['reach']} of 3")])

    @staticmethod
    def _line(cells):
        row = nodes.row()
        for cell in cells:
            block = cell if isinstance(cell, nodes.line_block) else nodes.paragraph("", "", cell)
            row += nodes.entry("", block)
        return row


def setup(app):
    app.add_directive("ledger-table", LedgerTable)
    return {"parallel_read_safe": True}
