"""Sphinx extension: {records} and {contradictions}, the two lists of the page "The record and the contradictions".

Their text is in seeds/records.yml and seeds/contradictions.yml and comes here through ledger.json.
"""

from docutils import nodes
from ledger_page import PAGE, LedgerDirective, link


def _labelled(label: str, text: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.strong("", label), nodes.Text(f" {text}"))


def _listed(items) -> nodes.bullet_list:
    return nodes.bullet_list("", *(nodes.list_item("", *item) for item in items))


class Entries(LedgerDirective):
    """A section for each entry, headed by its id and its question."""

    def section(self, entry, *parts):
        title = nodes.title("", f"{entry['id']}. {entry['question']}")
        return nodes.section("", title, *parts, ids=[entry["id"]], names=[entry["id"].lower()])

    def overview(self, entries) -> nodes.bullet_list:
        """The questions as links, for a page this long."""
        questions = [f"{entry['id']}. {entry['question']}" for entry in entries]
        return _listed(
            [nodes.paragraph("", "", nodes.reference("", question, refid=entry["id"], internal=True))]
            for entry, question in zip(entries, questions, strict=True)
        )

    def claim(self, claim) -> nodes.paragraph:
        """A claim with who made it, its verdict, and the way to it in the ledger."""
        about = nodes.inline("", f" Said by {claim['who']}, in ", classes=["ledger-about"])
        about += nodes.emphasis("", claim["article_title"].split(" (")[0])
        about += nodes.Text(f"; {claim['verdict']}. ")
        see = link(self.env, PAGE, "In the ledger", f"claim={claim['id']}")
        see += nodes.inline("", f": {claim['id']}", classes=["crucible-unseen"])
        return nodes.paragraph("", "", nodes.Text(claim["claim"]), about, see)


class Records(Entries):
    """What the written record says, with every source and its status."""

    def content_nodes(self, ledger):
        claims = {claim["id"]: claim for claim in ledger["claims"]}
        records = ledger["records"]
        return [self.overview(records), *(self._record(record, claims) for record in records)]

    def _record(self, record, claims):
        parts = [
            nodes.paragraph("", "", nodes.strong("", "The claims")),
            _listed([self.claim(claims[name])] for name in record["claims"]),
            _labelled("What the record says.", record["says"]),
        ]
        if record["counts"]:
            parts.append(self._counts(record["counts"]))
        parts.append(nodes.paragraph("", "", nodes.strong("", "Where we looked")))
        parts.append(_listed([self._source(source)] for source in record["sources"]))
        if record["open"]:
            parts.append(_labelled("Not found, or not verified.", record["open"]))
        return self.section(record, *parts)

    @staticmethod
    def _counts(counts):
        """Counts beside each other in the order of their dates, each with its rule."""
        head = {"who": "Counted by", "when": "When", "count": "Count", "rule": "Counting rule"}
        group = nodes.tgroup(cols=len(head))
        group += [nodes.colspec(colwidth=25) for _ in head]

        def line(cells):
            return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))

        group += nodes.thead("", line(head.values()))
        group += nodes.tbody("", *(line(count[field] for field in head) for count in counts))
        return nodes.table("", group, classes=["ledger-table", "colwidths-given"])

    @staticmethod
    def _source(source):
        what = source["what"]
        named = nodes.reference("", what, refuri=source["where"]) if "://" in source["where"] else nodes.Text(what)
        status = source["status"] if "://" in source["where"] else f"{source['where']}: {source['status']}"
        text = nodes.paragraph("", "", named, nodes.Text(": "), nodes.emphasis("", status))
        if source["weak"]:
            text += nodes.Text(f"; a weak source: {source['weak']}")
        text += nodes.Text(".")
        return text


class Contradictions(Entries):
    """Where two sides disagree: both, and what will decide between them."""

    def content_nodes(self, ledger):
        claims = {claim["id"]: claim for claim in ledger["claims"]}
        entries = ledger["contradictions"]
        return [self.overview(entries), *(self._contradiction(entry, claims, ledger["titles"]) for entry in entries)]

    def _contradiction(self, entry, claims, titles):
        sides = nodes.container(classes=["ledger-sides"])
        for side, names in (("One side", "one"), ("The other side", "other")):
            box = nodes.container("", _labelled(f"{side}.", entry[f"says_{names}"]))
            for name in entry[names]:
                box += self.claim(claims[name]) if name in claims else self._check(name, titles)
            sides += box
        decides = nodes.paragraph("", "", nodes.strong("", "What can decide."), nodes.Text(" "))
        for place, name in enumerate(entry["resolved_by"]):
            decides += nodes.Text("; " if place else "")
            named = f"{name}, {titles[name]}"
            decides += link(self.env, self.env.docname, named, name) if name.startswith("R") else nodes.Text(named)
        parts = [sides, decides]
        if entry["note"]:
            parts.append(_labelled("To bear in mind.", entry["note"]))
        return self.section(entry, *parts)

    def _check(self, name, titles):
        return nodes.paragraph("", "", link(self.env, self.env.docname, f"{name}. {titles[name]}", name))


def setup(app):
    app.add_directive("records", Records)
    app.add_directive("contradictions", Contradictions)
    return {"parallel_read_safe": True}
