"""Controls as Dash draws them: a label that says the question, the answer, the file's key, and a line for messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from dash import dcc, html

from costeff import bundled
from costeff.app.files.edit import value_at
from costeff.app.screens.attributes import aria
from costeff.app.screens.entry import as_read, is_formula, shown
from costeff.app.screens.fields import Field, Group
from costeff.catalogue import is_word, say
from costeff.labels import Label


def html_id(identity: dict[str, str]) -> str:
    """The id that Dash gives an element with a pattern, for labels to name."""
    return json.dumps(identity, sort_keys=True, separators=(",", ":"))


def group_of_controls(group: Group, text: str, language: str, labels: Mapping[str, Label]) -> Any:
    """A group under its heading; a figure that holds for all years comes with the button that tells years apart."""
    if not group.fields:
        return None
    children = [html.H2(say(group.word, language)), *(control(f, text, language, labels) for f in group.fields)]
    if group.spread:
        key = ".".join(map(str, group.spread))
        button = html.Button(say("app_by_year", language), id={"type": "spread", "key": key}, className="quiet")
        children.append(button)
    return html.Section(html.Div(children, className="group"))


def control(field: Field, text: str, language: str, labels: Mapping[str, Label]) -> Any:
    """One control with its label, its key and its line of messages."""
    identity = {"type": "field", "key": field.key}
    value = shown(field, text, language)
    label = label_of(field, language, labels)
    note = [html.Code(field.key), *_response(field, language)]
    message = html.Div(
        as_read(field, text, language),
        id={"type": "message", "key": field.key},
        className="message",
        **aria(live="polite"),
    )
    if is_formula(field, text):
        formula = html.Span([html.Code(value), " ", say("app_formula", language)], className="formula")
        return html.Div(
            [html.Div(label, className="label"), formula, html.Div(note, className="key")], className="field"
        )
    if field.kind == "choice":
        buttons = [_choice(field, one, one == (value or field.choices[0]), language) for one in field.choices]
        return html.Fieldset(
            [html.Legend(label), html.Div(buttons, className="choices"), html.Div(note, className="key")],
            className="field",
        )
    answer = dcc.Input(
        id=identity,
        type="text",
        value=value,
        debounce=True,
        autoComplete="off",
        className="answer wide" if field.kind == "text" else "answer",
    )
    question = html.Label(label, htmlFor=html_id(identity), className="label")
    return html.Div([question, answer, html.Div(note, className="key"), message], className="field")


def _choice(field: Field, choice: str, is_on: bool, language: str) -> Any:
    """One of several answers, as a button that is pressed or not."""
    identity = {"type": "choice", "key": field.key, "choice": choice}
    return html.Button(choice_name(choice, language), id=identity, **aria(pressed="true" if is_on else "false"))


def label_of(field: Field, language: str, labels: Mapping[str, Label]) -> str:
    """The question of a control; a parameter is named as the model or the case names it."""
    name = labels[field.name][language] if field.name in labels else field.name
    if field.name == "later":
        name = say("app_later", language)
    return say(field.word, language, name=name)


def choice_name(choice: str, language: str) -> str:
    """A choice in words; a rule set by its title, and its own name where there are no words."""
    key = f"app_choice_{choice}"
    if is_word(key, language):
        return say(key, language)
    title = _titles_of_rules().get(choice, {})
    return str(title.get(language) or title.get("en") or choice)


@cache
def _titles_of_rules() -> dict[str, dict[str, str]]:
    """Titles of the shipped rule sets, by name."""
    files = bundled.data_dir("rules").glob("*.yaml")
    titles = {path.stem: value_at(path.read_text(encoding="utf-8"), ("title",)) for path in files}
    return {name: title for name, title in titles.items() if isinstance(title, dict)}


def _response(field: Field, language: str) -> Sequence[Any]:
    if field.response == "words":
        return ()
    return (" ", html.Span(say(f"app_response_{field.response}", language), className=f"badge {field.response}"))
