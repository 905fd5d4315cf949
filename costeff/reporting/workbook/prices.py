"""Sheets of what is put in: parameters that may be changed, definitions and unit prices as live formulas."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.catalogue import is_word, say
from costeff.model.formulas.expression import Expression
from costeff.reporting.differences import certain_sentences, difference_rows, differences_heading
from costeff.reporting.unit_names import parameter_unit
from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.content import BookParameter
from costeff.reporting.workbook.formula import excel_formula

SHARES = ("share", "probability")


def _kind(kind: str, language: str) -> str:
    """The kind of a figure in words."""
    return say(f"kind_{kind}", language) if is_word(f"kind_{kind}", language) else kind


def write_prices(book: Book) -> None:
    """Inputs: yellow cells may be changed; what drives the simulation too is grey and locked."""
    key, content = "prices", book.content
    row = book.head(key, book.sheet_name(key), book.term("how", sheet=book.sheet_name(key)))
    sheet = book.sheets[key]
    if content.per_citizen:
        sheet.write_string(row, 0, book.term("citizens"), book.format())
        sheet.write_number(row, 1, 1, book.format("given"))
        sheet.data_validation(row, 1, row, 1, _rule(book, "number", at_least=0))
        book.at["citizens"] = book.ref(key, row, 1)
        row += 2
    first = _table(book, key, row, content.parameters)
    last = first + len(content.parameters) - 1
    blocks = len(content.blocks)
    if content.parameters:
        now = book.span(key, (first, last), (1, blocks))
        was = book.span(key, (first, last), (1 + blocks, 2 * blocks))
        book.at["changed"] = f"SUMPRODUCT(--({now}<>{was}))"
    _weights(book, last + 2)
    _differences(book, last + 5 + sum(bool(line.of) for line in content.lines))
    for i, parameter in enumerate(content.parameters):
        for b in range(blocks):
            book.cells[b][parameter.name] = book.ref(key, first + i, 1 + b)


def _weights(book: Book, row: int) -> None:
    """Shares by year of flows that are a part of others: block grant, equalisation, citizens who moved away."""
    content, key = book.content, "prices"
    lines = [i for i, line in enumerate(content.lines) if line.of]
    book.at["weights"] = {}
    if not lines:
        return
    years = [book.said(y) for y in content.years]
    was = [f"{book.term('was')}, {y}" for y in years]
    heads = [book.term("shares_by_year"), *years, *was]
    book.heads(key, row, heads)
    for at, i in enumerate(lines, start=row + 1):
        line = content.lines[i]
        book.sheets[key].write_string(at, 0, f"{book.said(line.label)}: {party(book, line.recipient)}", book.format())
        for y, value in enumerate(line.weights):
            if y and value == line.weights[y - 1]:
                book.formula(key, at, 1 + y, book.ref(key, at, y, whole=False).replace("$", ""), value, "given")
            else:
                book.sheets[key].write_number(at, 1 + y, value, book.format("given"))
            book.sheets[key].write_number(at, 1 + len(years) + y, value, book.format("number"))
            book.at["weights"][i, y] = book.ref(key, at, 1 + y)
        book.sheets[key].data_validation(at, 1, at, len(years), _rule(book, "share", None))
    now = book.span(key, (row + 1, row + len(lines)), (1, len(years)))
    before = book.span(key, (row + 1, row + len(lines)), (1 + len(years), 2 * len(years)))
    book.at["changed"] += f"+SUMPRODUCT(--({now}<>{before}))"


def _differences(book: Book, row: int) -> None:
    """What was set in the place of the model's figures, below the inputs; nothing when nothing was."""
    content, key = book.content, "prices"
    heads, rows = difference_rows(content.differences, content.parameter_labels, book.language)
    if not rows:
        return
    sheet = book.sheets[key]
    text_columns = 1 + 2 * len(content.blocks)  # where the inputs above have their unit, source and note
    columns = (0, *(text_columns + k for k in (0, 3, 4, 5)))
    sheet.write_string(row, 0, differences_heading(book.language), book.format("title"))
    for at, texts in enumerate([heads, *rows], start=row + 1):
        look = book.format("head") if at == row + 1 else book.format()
        for column, text in zip(columns, texts, strict=True):
            sheet.write_string(at, column, text, look)
    sentences = certain_sentences(content.differences, content.parameter_labels, book.language)
    for at, sentence in enumerate(sentences, start=row + 2 + len(rows)):
        sheet.write_string(at, 0, sentence, book.format())


def write_unpriced(book: Book) -> None:
    """The other parameters, for the record."""
    row = book.head("simulation", book.sheet_name("simulation"))
    _table(book, "simulation", row, book.content.unpriced)


def _table(book: Book, key: str, row: int, parameters: Sequence[BookParameter]) -> int:
    """Parameters with values, values as exported and sources; returns the first row of figures."""
    sheet, blocks = book.sheets[key], [book.said(label) for label in book.content.blocks]
    several = len(blocks) > 1
    now = [f"{book.term('value')}, {b}" if several else book.term("value") for b in blocks]
    was = [f"{book.term('was')}, {b}" if several else book.term("was") for b in blocks]
    about = [book.term(k) for k in ("unit", "may_change", "kind", "source", "address", "note")]
    book.heads(key, row, [book.term("name"), *now, *was, *about], range(1, 1 + 2 * len(blocks)))
    sheet.freeze_panes(row + 1, 1)
    for i, parameter in enumerate(parameters, start=row + 1):
        sheet.write_string(i, 0, parameter.name, book.format())
        for b, value in enumerate(parameter.values):
            kind = "given" if parameter.live else "grey"
            if b and value == parameter.values[b - 1]:  # a change carries over to later rules
                before = book.ref(key, i, b, whole=False).replace("$", "")
                book.formula(key, i, 1 + b, before, value, kind)
            else:
                sheet.write_number(i, 1 + b, value, book.format(kind))
            sheet.write_number(i, 1 + len(blocks) + b, value, book.format("number"))
        if parameter.live:
            money = parameter.unit.startswith(book.content.currency) and "negative" not in parameter.unit
            at_least = 0 if money and min(parameter.values) >= 0 else None
            sheet.data_validation(i, 1, i, len(blocks), _rule(book, parameter.unit, at_least))
        may = book.term("yes" if parameter.live else "needs_run")
        texts = (
            parameter_unit(parameter.unit, book.language),
            may,
            "; ".join(_kind(kind, book.language) for kind in parameter.kind.split("; ")),
            parameter.source,
            parameter.address,
            book.said(parameter.note) if parameter.note is not None else "",
        )
        for j, text in enumerate(texts, start=1 + 2 * len(blocks)):
            sheet.write_string(i, j, text, book.format())
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2 * len(blocks), 14)
    sheet.set_column(1 + 2 * len(blocks), 3 + 2 * len(blocks), 18)
    sheet.set_column(4 + 2 * len(blocks), 6 + 2 * len(blocks), 60)
    return row + 1


def _rule(book: Book, unit: str, at_least: float | None) -> dict[str, object]:
    if unit in SHARES:
        limits: dict[str, object] = {"criteria": "between", "minimum": 0, "maximum": 1}
        message = book.term("share_only")
    elif at_least is not None:
        limits, message = {"criteria": ">=", "value": at_least}, book.term("not_positive")
    else:
        limits, message = {"criteria": "between", "minimum": -1e12, "maximum": 1e12}, book.term("number_only")
    return {"validate": "decimal", "error_title": book.term("value"), "error_message": message} | limits


def write_derived(book: Book) -> None:
    """Definitions of the model, as formulas on the inputs; each may use those above it."""
    key, content = "derived", book.content
    row = book.head(key, book.sheet_name(key))
    several = len(content.blocks) > 1
    values = [book.said(b) if several else book.term("value") for b in content.blocks]
    book.heads(key, row, [book.term("name"), *values, book.term("formula")], range(1, 1 + len(values)))
    book.sheets[key].freeze_panes(row + 1, 1)
    for i, definition in enumerate(content.derived, start=row + 1):
        book.sheets[key].write_string(i, 0, definition.name, book.format())
        live = True
        for b, value in enumerate(definition.values):
            live = write_expression(book, key, (i, 1 + b), definition.formula, value, b, "number")
            book.cells[b][definition.name] = book.ref(key, i, 1 + b)
        text = definition.formula.text if live else f"{definition.formula.text}  -  {book.term('fixed')}"
        book.sheets[key].write_string(i, 1 + len(values), text, book.format())
    book.sheets[key].set_column(0, 0, 34)
    book.sheets[key].set_column(1, len(values), 14)
    book.sheets[key].set_column(1 + len(values), 1 + len(values), 110)


def write_expression(
    book: Book, key: str, at: tuple[int, int], formula: Expression, value: float, block: int, kind: str
) -> bool:
    """The formula of a model in a cell, live where a spreadsheet has its functions, else its value; whether live."""
    text = excel_formula(formula, book.names_in(block))
    if text is None:
        book.sheets[key].write_number(*at, value, book.format("grey"))
        return False
    book.formula(key, *at, text, value, kind)
    return True


def write_units(book: Book) -> None:
    """One row for each amount that is paid: amount x shares = unit price, in each price block."""
    key, content = "units", book.content
    row = book.head(key, f"{book.sheet_name(key)}, {book.currency}")
    several = len(content.blocks) > 1
    heads = [book.term(k) for k in ("item", "payer", "recipient", "what", "weight", "band")]
    for label in content.blocks:
        tail = f", {book.said(label)}" if several else ""
        heads += [book.term(k) + tail for k in ("amount", "share", "unit_price")]
    book.heads(key, row, heads, range(6, len(heads)))
    sheet = book.sheets[key]
    sheet.freeze_panes(row + 1, 1)
    book.at["units_row"] = row + 1
    for i, cell in enumerate(content.cells, start=row + 1):
        line, quantity = content.lines[cell.line], content.counted[cell.counted]
        texts = [book.said(line.label), party(book, line.payer), party(book, line.recipient)]
        for j, text in enumerate([*texts, book.said(quantity.what), quantity.weight, quantity.band]):
            sheet.write_string(i, j, text, book.format())
        for b in range(len(content.blocks)):
            column = 6 + 3 * b
            amount, share = cell.amount_values[b], cell.share_values[b]
            write_expression(book, key, (i, column), cell.amount, amount, b, "number")
            _shares(book, (i, column + 1), cell.shares, share, b)
            product = f"{book.ref(key, i, column, whole=False)}*{book.ref(key, i, column + 1, whole=False)}"
            book.formula(key, i, column + 2, product, amount * share, "number")
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 3, 28)
    sheet.set_column(4, 5 + 3 * len(content.blocks), 14)


def _shares(book: Book, at: tuple[int, int], shares: Sequence[Expression], value: float, block: int) -> None:
    texts = [excel_formula(share, book.names_in(block)) for share in shares]
    if any(text is None for text in texts):
        book.sheets["units"].write_number(*at, value, book.format("grey"))
    elif texts:
        book.formula("units", *at, "*".join(f"({text})" for text in texts), value, "number")
    else:
        book.sheets["units"].write_number(*at, 1, book.format("number"))


def party(book: Book, name: str) -> str:
    """A party's label."""
    labels = book.content.parties
    return book.said(labels[name]) if name in labels else name
