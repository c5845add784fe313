"""Files -> networks: the catalogue, variants, shared blocks, and what can be refused without an input."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from archcalc.claims import quotations
from archcalc.environment import folders
from archcalc.errors import DocumentError, Place, Refused, listed, nearest, quoted, shortened
from archcalc.notation.block import RESERVED, Block, Vocabulary, parse_fences
from archcalc.notation.document import EVERY, QUOTED, Document, Setting, Table, multiple_of
from archcalc.notation.expansion import BARE
from archcalc.notation.members import keep_member, member_called, members_of, title_of
from archcalc.notation.network import TableNetwork
from archcalc.notation.reach import check_reach
from archcalc.notation.reader import SHEETS, read
from archcalc.notation.rows import distinct, heads_of, parted, rows_of
from archcalc.notation.rules import choices_of, every_of, shared_of
from archcalc.notation.statements import Statement, statements_of
from archcalc.notation.table_row import TableRow, label_of_several
from archcalc.notation.variants import AFTER, OF_VARIANTS, varied

ENDINGS = (".md", *SHEETS)
MOST_VARIANTS = 50
"""How many networks a variant may be a variant of, one of the other."""
OF_BLOCKS = ("notation", "name", "paper", "year")
"""The settings that a file of blocks can have beside its `every`."""


def catalogue() -> dict[str, Path]:
    """The files of the catalogue's networks by name."""
    found = folders.files("networks", *ENDINGS)
    return {name: path for name, path in sorted(found.items()) if not name.endswith(".blocks")}


def network_of(path: Path, member: str = "", children: tuple[Path, ...] = ()) -> TableNetwork:
    """The network in a `.md` or `.csv` file; where it holds several, the one whose column is `member`.

    `children` are the variants on whose behalf it is read. Raises InputError where a file cannot be read,
    DocumentError where it breaks the notation.
    """
    document = read(path)
    _check_settings(document)
    parent = _parent(document, path, children)
    settings = {**_inherited(parent), **document.settings}
    settings.pop("variant of", None)
    if parent is not None and "columns" in parent.settings:
        names = parent.settings["columns"]
        document = read(path, names.value)
        if "columns" in document.settings:
            stated = document.settings["columns"]
            settings["columns"] = stated._replace(value=f"{names.value}, {stated.value}")
    member = _member(document, member)
    blocks = _blocks(document, settings, parent)
    vocabulary = Vocabulary(blocks)
    choices = choices_of(settings, vocabulary)
    check_reach(blocks, choices)
    own = [table for table in document.tables if not table.source]
    if len(own) > 1:
        fact = "a second table with a column 'type' needs a heading 'heads: from ROW' above it"
        raise DocumentError(own[1].place, fact)
    if not own and (parent is None or _states_rows(document, parent)):
        raise _no_rows(document)
    columns = tuple(dict.fromkeys((*(parent.columns if parent else ()), *(own[0].columns if own else ()))))
    heads = heads_of(document.tables)
    rows, total = parted(rows_of(own[0])) if own else ([], None)
    if parent is not None:
        rows = varied(document, parent, rows)
        columns = tuple(column for column in columns if column != AFTER)
    rows = [row for row in rows if row.head not in heads]
    rows += [row for head, table in heads.items() for row in rows_of(table, head)]
    columns = tuple(dict.fromkeys((*columns, *(name for table in heads.values() for name in table.columns))))
    network = TableNetwork(
        name=title_of(document.setting("name") or path.stem, member),
        document=document,
        settings=settings,
        columns=columns,
        rows=tuple(distinct(rows)),
        heads=_sources(parent, heads, rows),
        blocks=blocks,
        every=every_of(settings, vocabulary),
        choices=choices,
        shared=shared_of(settings, blocks),
        parent=parent.key if parent else "",
        total=total,
        member=member,
    )
    _check(network, heads)
    return replace(network, statements=_statements(network)) if document.claims else network


def _member(document: Document, name: str) -> str:
    """Which of its networks a document is read for, if it has several; its tables become that one's."""
    members = members_of(document)
    if members is None:
        if name:
            place = Place(document.file, 1)
            raise DocumentError(place, f"it holds one network, and {quoted(name)} names one of several")
        return ""
    member = member_called(document, members, name)
    keep_member(document, members, member)
    return member


def _sources(
    parent: TableNetwork | None, heads: Mapping[str, Table], rows: Iterable[TableRow]
) -> dict[str, str]:
    """The row that each side chain starts from; a side chain without rows does not count."""
    sources = {
        **(parent.heads if parent else {}),
        **{head: table.source for head, table in heads.items()},
    }
    left = {row.head for row in rows}
    return {head: source for head, source in sources.items() if head in left}


def _inherited(parent: TableNetwork | None) -> dict[str, Setting]:
    """A variant's settings before its own: those of its parent, but for what is quoted of the parent."""
    return {key: value for key, value in parent.settings.items() if key not in QUOTED} if parent else {}


def _check_settings(document: Document) -> None:
    """Refuse settings whose value is not one of those they can have."""
    allowed = {
        "notation": ("1",),
        "rows": ("alternatives",),
        "params claim": ("weights", "params"),
        "ops claim": ("MACs", "FLOPs"),
        "K": ("1000", "1024"),
    }
    for key, values in allowed.items():
        if key in document.settings and document.settings[key].value not in values:
            value, place = document.settings[key]
            raise DocumentError(place, f"{quoted(key)} is {' or '.join(values)}, not {quoted(value)}")
    multiple_of(document.settings)
    for key in QUOTED:
        try:
            quotations(document.setting(key))
        except Refused as refused:
            raise DocumentError(document.settings[key].place, str(refused)) from None


def _statements(network: TableNetwork) -> tuple[Statement, ...]:
    """What the document claims beyond its rows. Alternatives are never one network, of which one could."""
    if network.alternatives:
        fact = "a file of alternatives is no network: nothing can be claimed of it as a whole"
        raise DocumentError(network.document.claims[0].place, fact)
    return statements_of(network.document, network.inputs, [row.name for row in network.rows])


def _states_rows(document: Document, parent: TableNetwork) -> bool:
    """Whether a table without a column `type` has headings of the parent's: it is not meant as prose."""
    return any(set(table.columns) & set(parent.columns) for table in document.prose_tables)


def _no_rows(document: Document) -> DocumentError:
    """Why no table is one of rows."""
    if document.tables:
        return DocumentError(document.tables[0].place, "the only table is a side chain's")
    if not document.prose_tables:
        return DocumentError(Place(document.file, 1), "no table with a column 'type' was found")
    first = document.prose_tables[0]
    if not first.columns:
        return DocumentError(first.place, "the table is empty: expected a heading with a column 'type'")
    columns = listed(quoted(column) for column in first.columns)
    fact = (
        f"this table has no column 'type', but {columns}; the setting 'columns: HEADING -> type' renames one"
    )
    return DocumentError(first.place, fact)


def _parent(document: Document, path: Path, children: tuple[Path, ...]) -> TableNetwork | None:
    """The network that `variant of` names: one of the catalogue, or a file beside this one."""
    if "variant of" not in document.settings:
        for setting in OF_VARIANTS & set(document.settings):
            fact = f"'{setting}' is a setting of variants, and 'variant of' is not set"
            raise DocumentError(document.settings[setting].place, fact)
        return None
    name, place = document.settings["variant of"]
    found, member = named(document, name, place)
    way = (*children, path)
    if len(way) > MOST_VARIANTS:
        raise DocumentError(place, f"variants are variants of one another more than {MOST_VARIANTS} deep")
    if any(found.samefile(each) for each in way):
        names = " -> ".join(shortened(each.stem) for each in (*way, found))
        raise DocumentError(place, f"{quoted(name)} is a variant of itself: {names}")
    return network_of(found, member, way)


def named(document: Document, called: str, place: Place) -> tuple[Path, str]:
    """The file of the network that a document calls by name, one beside it or the catalogue's, and which of
    that file's networks is meant.
    """
    name, _, member = called.partition(":")
    beside = [document.path.parent / (name + ending) for ending in ("", *ENDINGS)]
    files = (file for file in beside if file.suffix in ENDINGS and os.path.isfile(file))
    found = next(files, catalogue().get(name))
    if found is None:
        raise DocumentError(place, f"no network is called {quoted(name)}{nearest(name, catalogue())}")
    return found, member


def _blocks(
    document: Document, settings: Mapping[str, Setting], parent: TableNetwork | None
) -> dict[str, list[Block]]:
    """The blocks the rows can take, by name."""
    shared: dict[str, list[Block]] = dict(parent.blocks) if parent else {}
    for used in _used(document):
        shared.update(_by_name(_fenced(used, shared)))
    own = _by_name(_fenced(document, shared))
    blocks = {**shared, **own}
    replaced = own.keys() & shared.keys()
    every = every_of(settings, Vocabulary(blocks)) if replaced else {}
    for name in replaced:
        _check_replaced(own[name], shared[name], every)
    return blocks


def _check_replaced(own: Iterable[Block], replaced: Iterable[Block], every: Collection[str]) -> None:
    """Refuse a block that replaces a shared one and would silently lose what `every` of its file adds."""
    lost = {name: block.place.file for block in replaced for name in block.every if name not in every}
    for block in own:
        for step in block.steps:
            if step.name in lost and BARE not in step.arguments:
                rule = f"{EVERY}{step.name}"
                fact = f"block {quoted(block.name)} replaces that of {lost[step.name]}, whose {quoted(rule)}"
                fact += f" does not hold here: state {quoted(rule)} in this file too, or write"
                raise DocumentError(step.place, f"{fact} {quoted(f'{step.text} {BARE}')}")


def _fenced(document: Document, known: Iterable[str]) -> list[Block]:
    """The blocks a file defines. Those of a file that others use carry its own `every` settings."""
    blocks = parse_fences(document.fences, tuple(known))
    own = every_of(document.settings, Vocabulary([*known, *(block.name for block in blocks)]))
    if not document.tables:
        for block in blocks:
            block.every = own
    return blocks


def _used(document: Document) -> list[Document]:
    """The documents of shared blocks that `uses` names, in order."""
    if "uses" not in document.settings:
        return []
    value, place = document.settings["uses"]
    known = folders.files("blocks", ".md")
    documents = []
    for name in (part.strip() for part in value.split(",")):
        beside = document.path.parent / (name + ".md")
        used = read(beside) if os.path.isfile(beside) and beside != document.path else None
        if (used is None or used.tables) and name in known:  # a network beside may have that name too
            used = read(known[name])
        if used is None:
            raise DocumentError(place, f"no file of blocks is called {quoted(name)}{nearest(name, known)}")
        if used.tables:
            raise DocumentError(place, f"{quoted(name)} holds a table: it is a network, not a file of blocks")
        for key, setting in used.settings.items():
            if key not in OF_BLOCKS and not key.startswith(EVERY):
                raise DocumentError(setting.place, f"{quoted(key)} is no setting of a file of blocks")
        documents.append(used)
    return documents


def _by_name(blocks: Iterable[Block]) -> dict[str, list[Block]]:
    grouped: dict[str, list[Block]] = {}
    for block in blocks:
        grouped.setdefault(block.name, []).append(block)
    return grouped


def _check(network: TableNetwork, heads: Mapping[str, Table]) -> None:
    """Refuse what can be seen without an input: side chains from nowhere, rows that fit no block."""
    names = {row.name for row in network.own_rows}
    dropped = network.document.settings.get("drop rows")
    if not names:
        place = dropped.place if dropped else network.document.tables[0].place
        raise DocumentError(
            place, "the network has no rows" + (": all of them are dropped" if dropped else "")
        )
    for head, source in network.heads.items():
        if source in names:
            continue
        if head in heads:
            fact = f"the side chain starts from {quoted(source)}, and no row has that name"
            meant = label_of_several(network.own_rows, source) or nearest(source, names)
            raise DocumentError(heads[head].place, fact + meant)
        if dropped:
            fact = f"the row {quoted(source)} is dropped, and the side chain {quoted(head)} starts from it"
            raise DocumentError(dropped.place, fact + ": drop its rows too")
    for column in set(RESERVED) & set(network.columns):
        place = next(table.place for table in network.document.tables)
        raise DocumentError(
            place, f"a column cannot be called {quoted(column)}: in blocks {{{column}}} is a width"
        )
