"""Names that people read, in every language that a file gives or the catalogue of words has.

Rank 2: imports `costeff.catalogue` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from costeff.catalogue import languages, say


class Label:
    """A name people read: its text in English and Danish, and in the other languages that a file gives.

    A language without a text of its own reads the English one. `Label.by` makes a label whose text is written when it
    is read, and `worded` one of the catalogue.

    >>> label = Label("Usual care", "Vanlig indsats", de="Übliche Versorgung")
    >>> label["da"], label["de"], label["sv"]
    ('Vanlig indsats', 'Übliche Versorgung', 'Usual care')
    """

    __slots__ = ("_texts", "_write")
    __iter__ = None
    """There is a text for every language, so that going through a label would have no end."""

    def __init__(self, en: str, da: str, **others: str) -> None:
        self._texts: dict[str, str] = {"en": en, "da": da, **others}
        self._write: Callable[[str], str] | None = None

    @classmethod
    def by(cls, write: Callable[[str], str]) -> Label:
        """A label whose text in a language `write` makes.

        >>> Label.by(lambda language: f"2026 ({language})")["da"]
        '2026 (da)'
        """
        label = cls("", "")
        label._write = write
        return label

    def __getitem__(self, language: str) -> str:
        if self._write is not None:
            return self._write(language)
        return self._texts.get(language, self._texts["en"])

    @property
    def en(self) -> str:
        """The English text."""
        return self["en"]

    @property
    def da(self) -> str:
        """The Danish text."""
        return self["da"]

    def texts(self, before: str = "") -> dict[str, str]:
        """The text in every language of the catalogue, each under the code of the language after `before`."""
        return {before + language: self[language] for language in languages()}

    def __str__(self) -> str:
        return self[languages()[0]]

    def __repr__(self) -> str:
        return f"Label({', '.join(f'{name}={text!r}' for name, text in self.texts().items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Label) and self.texts() == other.texts()

    def __hash__(self) -> int:
        return hash(str(self))

    def __reduce__(self) -> tuple[Callable[..., Label], tuple[dict[str, str]]]:
        return _given, (self._texts if self._write is None else self.texts(),)


def _given(texts: dict[str, str]) -> Label:
    return Label(**{"en": "", "da": ""} | texts)


def same(text: str) -> Label:
    """A label that reads the same in every language, such as a name from a table.

    >>> same("Case 1")["da"]
    'Case 1'
    """
    return Label(text, text)


def worded(key: str, /, **fields: object) -> Label:
    """A label of the catalogue; a field that is a label is put in in the same language.

    >>> worded("difference_from", strategy=Label("usual care", "vanlig indsats"))["da"]
    'Forskel fra vanlig indsats'
    """

    def write(language: str) -> str:
        values = {name: value[language] if isinstance(value, Label) else value for name, value in fields.items()}
        return say(key, language, **values)

    return Label.by(write)


def joined(between: str, labels: Iterable[Label]) -> Label:
    """Labels one after the other.

    >>> joined(", ", [same("2026"), Label("week", "uge")])["da"]
    '2026, uge'
    """
    parts = tuple(labels)
    return Label.by(lambda language: between.join(label[language] for label in parts))
