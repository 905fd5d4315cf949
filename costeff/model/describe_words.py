"""The words of a model's description in one language, from the catalogue."""

from __future__ import annotations

from costeff.catalogue import say, words_of


class Words:
    """Looks phrases up in one language.

    >>> Words("da")("leg", leg="return")
    'led return'
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = words_of(language)

    def __call__(self, key: str, **values: object) -> str:
        common_key = key.startswith("kind_") or key == "drawn_declared"
        return say(key if common_key else f"describe_{key}", self.language, **values)

    def number(self, value: float) -> str:
        """A number to four digits, thousands apart, in the language's signs.

        >>> Words("en").number(20359.2), Words("da").number(20359.2), Words("en").number(0.03500)
        ('20,359', '20.359', '0.035')
        """
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        return text.translate({ord(","): self._words["mark_group"], ord("."): self._words["mark_decimal"]})
