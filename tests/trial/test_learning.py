"""Anchored in closed forms: conjugate posteriors, a normal posterior of weighted draws, the likelihood of a chain of
two states, and counts in plain Python; in identities: without weeks the posterior is the prior to the last digit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Rehearsed
from scipy import stats
from scipy.special import ndtri
from trial_recovery import StatesThemselves

from costeff import load
from costeff.analysis.study import StudyData
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.evidence import Beta, Gamma, Normal
from costeff.labels import Label
from costeff.trial.evaluation.evaluate import evaluate
from costeff.trial.evaluation.person_values import person_values
from costeff.trial.learning.exact import binomial_log_likelihood, exact_posterior, normal_log_likelihood
from costeff.trial.learning.lensed import LensedModel, choose_statistics, lensed_model
from costeff.trial.learning.own_year import with_own_year
from costeff.trial.learning.posterior import (
    ABOUT_FILE,
    DRAWS_FILE,
    PRIOR,
    SMOOTHER,
    WEIGHTS,
    TrialPosterior,
    read_posterior,
    write_posterior,
)
from costeff.trial.learning.statistics import MOVE, SHARE, counts, every_statistic
from costeff.trial.learning.told import parameters_seen
from costeff.trial.learning.update import TrialData, update
from costeff.trial.learning.weights import effective_draws, log_likelihood, rows_by_weight, weights
from costeff.trial.learning.worth import Spread, View, columns_under, view_of
from costeff.trial.lens import CodeGroup, Lens
from costeff.trial.lives import UNSEEN

MODEL = str(Path(__file__).parent / "data" / "two_states.yaml")
SHARES = (np.arange(2000) + 0.5) / 2000
TRUTH = {"h_return": 0.07, "h_relapse": 0.008, "hr_return": 1.4, "benefit_week": 4000.0}


@cache
def two_states() -> StudyData:
    return load(MODEL)


def lens() -> Lens:
    """Each state is seen as it is."""
    groups = tuple(CodeGroup(name, Label(name, name), (name,), (name,), name) for name in ("sick", "work"))
    return Lens("plain", Label("plain", "plain"), groups, True, 0.0, 1, 0, {})


def lensed(people: int, lives: int = 2, weeks: int = 52, seed: int = 1) -> LensedModel:
    study = two_states()
    sizes = (people // 3, people - people // 3)
    return LensedModel(study, study.model, lens(), ("usual", "new"), sizes, {}, weeks, lives, seed)


def trial(people: int, seed: int = 99) -> np.ndarray:
    """Weeks of a trial that was lived by the truth, one life of each person."""
    lived = lensed(people, lives=1, seed=seed)
    return next(iter(lived.weeks_shown({name: np.array([value]) for name, value in TRUTH.items()})))


def data_of(weeks: np.ndarray, model: LensedModel, prior: dict[str, np.ndarray]) -> TrialData:
    by_group = choose_statistics(model, prior)
    own = (weeks[: model.sizes[0]], weeks[model.sizes[0] :])
    values = [counts(group, one).values() for group, one in zip(own, by_group, strict=True)]
    return TrialData(by_group, np.concatenate(values))


# -- one parameter by itself -------------------------------------------------------------------------------------------


def test_a_beta_prior_and_counts_give_the_beta_posterior() -> None:
    prior = Beta(2, 6)
    moved = exact_posterior(prior, prior.ppf(SHARES), binomial_log_likelihood(9, 40))
    assert np.abs(moved - stats.beta(2 + 9, 6 + 31).ppf(SHARES)).max() < 2e-4


def test_a_gamma_prior_and_a_count_give_the_gamma_posterior() -> None:
    prior = Gamma(3.0, 50.0)  # shape and rate
    moved = exact_posterior(prior, prior.ppf(SHARES), lambda x: 17 * np.log(x) - 200 * x)
    assert np.abs(moved - stats.gamma(3 + 17, scale=1 / (50 + 200)).ppf(SHARES)).max() < 2e-4


def test_no_information_leaves_every_digit_and_much_gives_the_truth() -> None:
    prior = Normal(6000.0, 2000.0)
    draws = prior.ppf(SHARES)
    assert exact_posterior(prior, draws, lambda x: np.zeros(len(x))) is draws
    moved = exact_posterior(prior, draws, normal_log_likelihood(9123.0, 0.01))
    assert np.abs(moved - 9123.0).max() < 0.05


def test_the_programmes_registered_cost_is_learnt_from_the_extract(rehearsed: Rehearsed) -> None:
    from costeff.trial.extract import read_extract

    own = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
    assert "programme_cost" in {one.name for one in parameters_seen(own)}


# -- statistics --------------------------------------------------------------------------------------------------------


def test_statistics_are_those_of_plain_counting() -> None:
    luck = np.random.default_rng(5)
    weeks = luck.integers(0, 3, (25, 30))
    weeks[luck.random(25) < 0.3, 17:] = UNSEEN
    statistics = every_statistic(weeks, 26)
    own = counts(weeks, statistics).values()
    assert {one.kind for one in statistics} == {SHARE, MOVE}
    for one, value in zip(statistics, own, strict=True):
        top = at_risk = 0
        for life in weeks.tolist():
            for week in range(one.begin, one.end):
                at_risk += life[week] != UNSEEN
                here = life[week] == one.state
                top += here and (one.kind == SHARE or life[week + 1] == one.to)
        assert value == pytest.approx(top / at_risk, rel=1e-12)


# -- weights -----------------------------------------------------------------------------------------------------------


def test_weighted_draws_have_the_normal_posterior() -> None:
    prior = ndtri(SHARES)
    own = weights(log_likelihood(np.array([1.2]), prior[:, None], np.full((2000, 1, 1), 0.5)))
    mean, variance = 1.2 / 1.5, 0.5 / 1.5
    assert own @ prior == pytest.approx(mean, abs=2e-3)
    assert own @ (prior - mean) ** 2 == pytest.approx(variance, abs=2e-3)
    chosen = prior[rows_by_weight(own)]
    assert chosen.mean() == pytest.approx(mean, abs=5e-3)
    assert 1 < effective_draws(own) < 2000


def test_equal_weights_choose_every_row_once() -> None:
    for size in (1, 7, 1000):
        assert np.array_equal(rows_by_weight(weights(np.zeros(size))), np.arange(size))


# -- the whole update --------------------------------------------------------------------------------------------------


def test_without_weeks_the_posterior_is_the_prior_to_the_last_digit(rehearsed: Rehearsed, tmp_path: Path) -> None:
    from costeff.trial.extract import read_extract

    study = rehearsed.study
    own = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, study)
    prior = study.evidence.columns(4, 7, "random")
    model = lensed_model(study, own.trial, rehearsed.lens, 0, lives=2, seed=1)
    by_group = choose_statistics(model, prior)
    assert by_group == ((), ())
    posterior = update(study, model, prior, TrialData(by_group, np.zeros(0)))
    assert posterior.method == PRIOR
    assert posterior.effective == 4
    for name, column in prior.items():
        assert np.array_equal(posterior.posterior[name], column)
    write_posterior(posterior, study, "hash", tmp_path)
    run = study.psa(values=read_posterior(tmp_path, study), individuals=3, seed=7, progress=False)
    plain = study.psa(draws=4, individuals=3, seed=7, method="random", progress=False)
    assert np.array_equal(run.perspective().cost, plain.perspective().cost)
    assert np.array_equal(run.perspective().effect, plain.perspective().effect)


def test_weights_agree_with_the_likelihood_of_the_chain() -> None:
    """Two states, one hazard each way: P(week's move) = 1 - exp(-h), and weeks at risk with moves are sufficient."""
    study, people, size = two_states(), 60, 600
    prior = study.evidence.columns(size, 3, "random")
    model = lensed(people, lives=8)
    weeks = trial(people)
    posterior = update(study, model, prior, data_of(weeks, model, prior), least_effective=1.0)
    assert posterior.method == WEIGHTS
    logs = np.zeros(size)
    for group, ratio in ((weeks[: people // 3], 1.0), (weeks[people // 3 :], prior["hr_return"])):
        for source, hazard in ((0, prior["h_return"] * ratio), (1, prior["h_relapse"])):
            at_risk = group[:, :52] == source
            moves = (at_risk & (group[:, 1:53] != source)).sum()
            logs += moves * np.log(-np.expm1(-hazard)) - (at_risk.sum() - moves) * hazard
    exact = weights(logs)
    for name in ("h_return", "h_relapse", "hr_return"):
        mean = float(exact @ prior[name])
        spread = float(np.sqrt(exact @ (prior[name] - mean) ** 2))
        assert posterior.posterior[name].mean() == pytest.approx(mean, abs=0.35 * spread), name
        assert 0.7 * spread < posterior.posterior[name].std() < 1.4 * spread, name
    assert np.array_equal(posterior.posterior["benefit_week"], prior["benefit_week"])


def test_a_huge_trial_gives_the_truth() -> None:
    """Weights are then worth one draw, and the smoother moves the draws to where the trial was lived."""
    study, people = two_states(), 2_000
    prior = study.evidence.columns(40, 3, "random")
    model = lensed(people)
    posterior = update(study, model, prior, data_of(trial(people), model, prior))
    assert posterior.method == SMOOTHER
    for name in ("h_return", "h_relapse", "hr_return"):
        own = posterior.posterior[name]
        assert own.mean() == pytest.approx(TRUTH[name], rel=0.15), name  # 3 standard errors of 900 moves
        assert own.std() < 0.3 * prior[name].std(), name


def test_without_the_lens_graded_return_and_relapse_are_not_found() -> None:
    """A register that shows who is sick in part as sick, and who the employer pays as in work. Through the lens both
    hazards and their ratios are found; against the model's own states they are missed by many of their errors."""
    study = load(str(Path(MODEL).with_name("four_states.yaml")))
    truth = {"h_graded": 0.05, "h_relapse": 0.025, "hr_graded": 1.3, "hr_relapse": 0.75, "benefit_week": 4000.0}
    shown = (("sick", ("sick", "part")), ("work", ("work", "paid")))
    groups = tuple(CodeGroup(name, Label(name, name), (name,), states, name) for name, states in shown)
    seen_so = Lens("plain", Label("plain", "plain"), groups, True, 0.0, 1, 0, {})
    own = LensedModel(study, study.model, seen_so, ("usual", "new"), (120, 240), {}, 26, 2, 1)
    lived = replace(own, lives=1, seed=99)
    weeks = next(iter(lived.weeks_shown({name: np.array([value]) for name, value in truth.items()})))
    prior = study.evidence.columns(100, 3, "random")
    bare = StatesThemselves(**{name: getattr(own, name) for name in own.__dataclass_fields__})
    errors = {}
    for name, model in (("lens", own), ("none", bare)):
        posterior = update(study, model, prior, data_of(weeks, model, prior)).posterior
        logs = {one: np.log(posterior[one]) for one in ("h_graded", "h_relapse")}
        errors[name] = {one: (x.mean() - np.log(truth[one])) / x.std() for one, x in logs.items()}
    assert all(abs(one) < 3 for one in errors["lens"].values()), errors
    assert all(one < -4 for one in errors["none"].values()), errors


def test_what_comes_after_the_year_that_was_seen_differs_only_then(rehearsed: Rehearsed) -> None:
    """The three views of month 12 on: the year that the trial saw is the same in each to the last bit."""
    study, plan = rehearsed.study, rehearsed.plan
    draws = study.evidence.columns(6, 2, "random")
    chosen = {name: column for name, column in draws.items() if not study.evidence.parameters[name].fixed}
    views = []
    for view in plan.views:
        result = study.psa(values=columns_under(chosen, view.values), individuals=40, seed=2, progress=False)
        views.append(view_of(view.name, result, "municipal", "qaly", "qaly_year_1"))
    assert [one.name for one in views] == ["stops", "assumed", "lasts"]
    for one in views[1:]:
        assert np.array_equal(one.year_one, views[0].year_one)
        assert one.seen_effect == views[0].seen_effect
        assert one.later_cost != views[0].later_cost
    assert all(0 < one.share_beyond < 1 for one in views)


def test_the_year_of_each_view_is_what_the_trial_says_by_itself(rehearsed: Rehearsed) -> None:
    """Differences of means, as without covariates, to the second digit of their error; later figures are untouched."""
    from costeff.trial.extract import read_extract

    own = read_extract(rehearsed.folder, replace(rehearsed.plan, covariates=()), rehearsed.lens, rehearsed.study)
    values = person_values(own, rehearsed.prices)
    evaluation = evaluate(values, (0.0, 1.0), 5, replicates=300, seed=2)
    later = (Spread(7.0, 1.0), Spread(0.5, 0.1))
    views = [View(name, Spread(1.0, 1.0), later[0], Spread(0.0, 1.0), later[1]) for name in ("stops", "lasts")]
    new_views = [with_own_year(view, evaluation, "state") for view in views]
    observed = ~np.isnan(values.effects[0].value) & ~np.isnan(values.effects[0].start)
    cost, group = values.cost["state"][observed], values.in_programme[observed]
    by_hand = cost[group == 1].mean() - cost[group == 0].mean()
    for view in new_views:
        assert view.is_own_year
        assert view.seen_cost.mean == pytest.approx(by_hand, abs=view.seen_cost.error / 10)
        assert (view.later_cost, view.later_effect) == later
        assert 0 < view.share_beyond < 1
    assert with_own_year(views[0], evaluation, "nobody") is views[0]


# -- the file ----------------------------------------------------------------------------------------------------------


def small_posterior() -> TrialPosterior:
    prior = two_states().evidence.columns(5, 1, "random")
    return TrialPosterior(prior, prior, PRIOR, 5.0, (), (), 0, 0.0)


def test_a_posterior_is_read_where_it_belongs_only(tmp_path: Path, rehearsed: Rehearsed) -> None:
    write_posterior(small_posterior(), two_states(), "hash", tmp_path)
    assert read_posterior(tmp_path, two_states()) == tmp_path / DRAWS_FILE
    with pytest.raises(ScenarioError, match="belongs to another model"):
        read_posterior(tmp_path, rehearsed.study)
    with pytest.raises(ScenarioError, match="no posterior there"):
        read_posterior(tmp_path / "nowhere", two_states())
    text = (tmp_path / DRAWS_FILE).read_text("utf-8")
    (tmp_path / DRAWS_FILE).write_text(text.replace("0", "1"), "utf-8")
    with pytest.raises(ScenarioError, match="changed after it was written"):
        read_posterior(tmp_path / DRAWS_FILE, two_states())
    (tmp_path / ABOUT_FILE).write_text(json.dumps(["no mapping"]), "utf-8")
    with pytest.raises(ScenarioError, match="says of no posterior"):
        read_posterior(tmp_path, two_states())


def test_a_posterior_tells_counts_of_groups_and_nobody(tmp_path: Path) -> None:
    """Two people who are in the same state at the end of a period change the rest of their lives: other people, the
    same counts, and files that are equal to the last byte. So nobody can tell from them who lived which life."""
    study, model = two_states(), lensed(60)
    prior, weeks = study.evidence.columns(200, 3, "random"), trial(60)
    other = weeks.copy()
    first = np.flatnonzero(weeks[20:, 26] == 0)[:2] + 20
    other[first, 26:] = weeks[first[::-1], 26:]
    assert not np.array_equal(other[first], weeks[first])
    for name, own in (("one", weeks), ("other", other)):
        (tmp_path / name).mkdir()
        posterior = update(study, model, prior, data_of(own, model, prior), least_effective=1.0)
        write_posterior(posterior, study, "hash", tmp_path / name)
    for file in (DRAWS_FILE, ABOUT_FILE):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


# -- the command -------------------------------------------------------------------------------------------------------


def test_update_writes_what_was_learnt_and_a_run_takes_it(
    rehearsed: Rehearsed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an extract to the decision after it, in Danish; no person, and no digit of one, is in what is written."""
    out = tmp_path / "laert"
    monkeypatch.setattr("costeff.shell.study_options.load", {"tki2": rehearsed.study}.__getitem__)  # read already
    words = ["update", "tki2_trial", str(rehearsed.folder), "--out", str(out), "--draws", "100", "--lives", "2"]
    done = CliRunner().invoke(main, ["trial", *words, "--individuals", "4", "--wtp", "300000", "--language", "da"])
    assert done.exit_code == 0, done.output
    assert "Efter måned 12" in done.output
    assert rehearsed.plan.short_hash() in done.output
    content = json.loads((out / "learning.json").read_text("utf-8"))
    assert {row["name"] for row in content["parameters"]} >= {"hr_self_support", "programme_cost"}
    assert content["method"] in (WEIGHTS, SMOOTHER)
    assert [view["view"] for view in content["views"]] == ["stops", "assumed", "lasts"]
    assert all(view["own_year"] for view in content["views"])
    for key in ("seen_cost", "seen_effect"):  # the trial's own weeks, whatever comes after
        assert len({json.dumps(view[key]) for view in content["views"]}) == 1
    assert len({json.dumps(view["later_cost"]) for view in content["views"]}) == 3
    for file in out.iterdir():
        assert not re.search(r"S\d{6}", file.read_text("utf-8"))
    run = CliRunner().invoke(main, ["run", "tki2", "--posterior", str(out), "--individuals", "4", "--quiet"])
    assert run.exit_code == 0, run.output
    refused = CliRunner().invoke(main, ["run", "tki2", "--posterior", str(out), "--draws", "7"])
    assert refused.exit_code != 0
    assert "--draws does not go with a posterior" in refused.output
