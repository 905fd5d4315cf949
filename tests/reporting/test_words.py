"""Anchored in the files of words themselves: every key in every language, once, with the same fields, and in use."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel import Locale
from ruamel.yaml import YAML

import costeff
from costeff import catalogue, load
from costeff.catalogue import check_language, counted, languages, read_words, say, words_of
from costeff.errors import EvidenceError, Place, ScenarioError
from costeff.evidence.read_parameter import parameter_from
from costeff.investment.read import read_case
from costeff.reporting.numbers import SPACE
from costeff.reporting.parameter_labels import parameter_notes
from costeff.reporting.unit_names import unit_name
from costeff.rules import load_rules

PACKAGE = Path(costeff.__file__).parent
FILES = sorted(PACKAGE.glob("**/words/*.yaml"))
FREE = {"title", "name"}
"""Fields that a sentence may use or leave: two ways of saying who."""


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name} - FREE


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of words of the user."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path))
    return tmp_path


# -- the shipped words ----


def test_a_key_stands_once_and_in_every_language() -> None:
    for language in languages():
        keys = [key for path in FILES if path.stem == language for key in read_words(path)]
        assert len(keys) == len(set(keys))
        assert set(keys) == set(words_of("en")), language


def test_texts_are_whole_and_take_the_same_fields() -> None:
    english = words_of("en")
    for language in languages():
        for key, text in words_of(language).items():
            assert text == text.strip() or key == "mark_group", key
            assert text or key in ("excel_locale", "amount_unit_number"), key
            assert fields(text) == fields(english[key]), key


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_read_line_by_line_as_a_yaml_reader_reads_it(path: Path) -> None:
    assert read_words(path) == YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_marks_are_those_of_babel() -> None:
    for language in languages():
        symbols = Locale.parse(say("locale", language)).number_symbols["latn"]
        assert (say("mark_decimal", language), say("mark_group", language)) == (symbols["decimal"], symbols["group"])


def sources() -> str:
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("templates/*.j2")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_key_is_used_and_every_used_key_exists() -> None:
    """A key stands quoted in the code, whole or without the prefix that one place puts before it."""
    source = sources()
    quoted = set(re.findall(r"[\"']([A-Za-z0-9_ ,.-]+)[\"']", source))
    built = set(re.findall(r"f[\"']([a-z_]+_)\{", source))

    def used(key: str) -> bool:
        return (
            key in quoted
            or key.startswith(WHOLE)
            or any(used(key.removeprefix(part)) for part in built if key.startswith(part))
            or (key.endswith(("_one", ".one")) and used(key[:-4]))
        )

    assert [key for key in words_of("en") if not used(key)] == []
    called = set(re.findall(r"(?<![.\w])(?:say|worded|counted)\(\s*[\"']([a-z0-9_]+)[\"']", source))
    assert len(called) > 300
    assert called - DESCRIBED - set(words_of("en")) == set()


WHOLE = ("word_", "unit_", "amount_unit_", "currency_", "convention_", "price_basis_", "error_", "status_", "side_")
WHOLE += ("question_",)
"""Keys that are looked up by a name from a model, a file or a table."""
DESCRIBED = {key.removeprefix("describe_") for key in words_of("en") if key.startswith("describe_")}
"""`describe.py` and the templates of a workbook call `say` with keys that get their prefix inside."""


# -- what `say` does ----


def test_filling() -> None:
    assert say("weeks", "da", number=4) == "4 uger"
    assert say("interval_95", "da") == f"95{SPACE}%-interval"
    assert say("says_pay_more", "da", strategy="X", list="Staten 5 kr.") == "Betaler mere med X: Staten 5 kr."
    assert say("written_to", "en", place="../out") == "Written to ../out"
    assert counted("amount_offered", 1.0, "da") == "1 borger får tilbudt indsatsen"
    assert (unit_name("weeks", "en"), unit_name("QALY", "da"), unit_name("odd", "da")) == ("weeks", "QALY", "odd")


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ScenarioError, match="has no text 'no_such_key' in 'en'"):
        say("no_such_key")
    with pytest.raises(ScenarioError, match=r"(?s)unknown language.*value: sv.*of en, da, nb.*sv\.yaml in COSTEFF_"):
        check_language("sv")


# -- words of the user ----


def written(language: str, **changes: str) -> str:
    """A file of words in any form of YAML: the Danish ones, each between marks, but for what is no text."""
    data = {key: changes.get(key, invented(key, text)) for key, text in words_of(language).items()}
    return "\n".join(f"{key}: '{text.replace(chr(39), 2 * chr(39))}'" for key, text in data.items()) + "\n"


def invented(key: str, text: str) -> str:
    plain = key.startswith(("mark_", "locale", "excel_", "unit", "amount_unit", "word_", "ordinary"))
    return text if plain else f"{text[:29]}¤" if key.startswith("book_sheet_") else f"«{text}»"


INVENTED = written("da")


def test_a_language_is_its_file_of_words(own: Path) -> None:
    (own / "xx.yaml").write_text(INVENTED, encoding="utf-8")
    assert languages() == ("en", "da", "nb", "xx")
    assert say("who_pays", "xx") == "«Hvem betaler – hvem får gevinsten»"


def test_other_words_for_a_shipped_language(own: Path) -> None:
    (own / "da.yaml").write_text('party: "Part"\n', encoding="utf-8")
    assert (say("party", "da"), say("item", "da"), say("party", "en")) == ("Part", "Post", "Party")


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("xx.yaml", 'party: "Part"\n', r"(?s)'xx' lack \d+ keys.*has the keys of 'en'.*add them"),
        ("da.yaml", 'pary: "Part"\n', "(?s)'da' have 1 keys that nothing uses.*pary"),
        ("da.yaml", 'party: "Part"\nparty: "Aktør"\n', "(?s)line 2: the key 'party' stands twice"),
        ("da.yaml", "party: [Part]\n", "(?s)not a list of keys and texts"),
        ("da.yaml", "party: 'Part\n", "(?s)a file of words is not YAML"),
    ],
)
def test_words_of_the_user_that_are_refused(own: Path, name: str, text: str, match: str) -> None:
    (own / name).write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=match):
        words_of(name.removesuffix(".yaml"))


def test_a_folder_of_words_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(catalogue.VARIABLE, "/nowhere/words")
    with pytest.raises(ScenarioError, match="folder of words is not there"):
        languages()


# -- a country is data ----


def test_no_country_in_the_code() -> None:
    named = re.compile(r"\b(mso|msb|treasury|municipal_tax|DKK|NOK|NAV|Norway|Denmark)\b")
    lines = [
        f"{path.relative_to(PACKAGE)}, line {number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if named.search(line)
    ]
    assert lines == []


# -- notes of parameters ----


def test_notes_of_shipped_parameters_are_in_danish() -> None:
    """Of the model that planners run, its rules and the shipped case."""
    study = load("tki2")
    case = read_case("tki2-aarhus-investment")
    rules = [one for name in ("denmark", "denmark_reform") for _, one in load_rules(name, study.model).parameters()]
    every = [*study.evidence.parameters.values(), *case.parameters.values(), *rules]
    assert len(every) > 250
    assert [one.name for one in every if one.note and "da" not in one.notes] == []
    notes = parameter_notes(every)
    assert notes["full-time insured; stated in 2024 prices"]["da"] == "fuldtidsforsikret; angivet i 2024-priser"
    assert all(basis.words is not None and basis.words.da != basis.note for basis in case.basis.values())


def test_a_note_is_a_text_or_a_text_for_each_language() -> None:
    given = {"value": 1.0, "unit": "ratio", "kind": "assumption"}
    plain = parameter_from("a", {**given, "note": "no figure"}, Place("a.yaml", 1))
    both = parameter_from("a", {**given, "note": {"en": "no figure", "da": "intet tal"}}, Place("a.yaml", 1))
    assert (plain.note, dict(plain.notes)) == ("no figure", {})
    assert (both.note, dict(both.notes)) == ("no figure", {"da": "intet tal"})
    with pytest.raises(EvidenceError, match="lacks `en`"):
        parameter_from("a", {**given, "note": {"da": "intet tal"}}, Place("a.yaml", 1))


@pytest.mark.parametrize("language", ["en", "da", "nb"])
def test_luck_of_a_system_is_that_of_systems(language: str) -> None:
    words = words_of(language)
    individuals, systems = (words[key].split("|") for key in ("unit_individuals", "unit_systems"))
    assert len(individuals) == len(systems) == len(set(individuals))
    plain = say("noise_intro", language, comparator="x")
    with catalogue.told_per("system_year"):
        told = say("noise_intro", language, comparator="x")
        assert catalogue.in_unit(individuals[0], language) == systems[0]
    assert systems[-1] in told
    assert not any(phrase in told.replace(systems[-1], "") for phrase in individuals)
    assert any(phrase in plain for phrase in individuals)
