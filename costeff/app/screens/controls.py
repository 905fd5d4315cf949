"""Controls as Dash draws them: a label that says the question, the answer, the file's key, and a line for messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

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
        options = [{"label": choice_name(one, language), "value": one} for one in field.choices]
        choices = dcc.RadioItems(id=identity, options=options, value=value or field.choices[0], className="choices")
        parts = [html.Legend(label), choices, html.Div(note, className="key"), message]
        return html.Fieldset(parts, className="field")
    answer = dcc.Input(
        id=identity,
        type="text",
        value=value,
        debounce=True,
        autoComplete="off",
        className="answer wide" if field.kind == "text" else "answer",
    )
    named = html.Label(label, htmlFor=html_id(identity), className="label")
    return html.Div([named, answer, html.Div(note, className="key"), message], className="field")


def label_of(field: Field, language: str, labels: Mapping[str, Label]) -> str:
    """The question of a control; a parameter is named as the model or the case names it."""
    name = labels[field.name][language] if field.name in labels else field.name
    if field.name == "later":
        name = say("app_later", language)
    return say(field.word, language, name=name)


def choice_name(choice: str, language: str) -> str:
    """A choice in words; its own name where there are none."""
    key = f"app_choice_{choice}"
    return say(key, language) if is_word(key, language) else choice


def _response(field: Field, language: str) -> Sequence[Any]:
    if field.response == "words":
        return ()
    return (" ", html.Span(say(f"app_response_{field.response}", language), className=f"badge {field.response}"))
