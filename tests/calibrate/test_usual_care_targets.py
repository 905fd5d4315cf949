"""Anchored in the evidence: counts of the figures, how each is cited, and the arithmetic behind derived ones."""

from __future__ import annotations

import math
import re
from collections import Counter
from urllib.parse import urlsplit

import calibration_lot
import pytest

from costeff.bundled import data_dir
from costeff.calibrate import Target, read_plan
from costeff.calibrate.fits import with_passages
from costeff.calibrate.likelihood import Z975, sampling_sd, transformed
from costeff.calibrate.observe import populations
from costeff.evidence import read_evidence
from costeff.model import read_model

FOLDER = data_dir("parameters")
PLAN = read_plan(FOLDER / "tki2_targets.yaml")
BY_NAME = {target.name: target for target in PLAN.targets}
CITATION = re.compile(
    r"(?P<authors>\S.*?) \((?P<year>(19|20)\d\d)\)\. (?P<title>\S.*?[^.])(?<=[.?)\w])[.?] (?P<journal>\S.+)"
)
MIRRORS = {
    "ouci.dntb.gov.ua",
    "scienceopen.com",
    "europepmc.org",
    "researchgate.net",
    "cabiweb.dk",
    "discovery.researcher.life",
    "springermedizin.de",
    "suppr.wilddata.cn",
    "medluna.com",
    "metajournal.com",
    "mijn.bsl.nl",
    "47.251.13.51",
    "docplayer.me",
    "docplayer.dk",
    "9pdf.net",
    "eprints.gla.ac.uk",
    "dx.crossref.org",
}


def test_counts() -> None:
    """What the calibration rests on; a figure that is added or taken out is counted here."""
    assert (len(PLAN.targets), len(PLAN.sources)) == (126, 41)
    assert {target.source for target in PLAN.targets} == set(PLAN.sources)
    assert Counter(t.family for t in PLAN.targets) == {"return": 83, "pension": 22, "relapse": 15, "flex_job": 5, "": 1}
    eras = {"before 2013": 75, "2013-16": 22, "from 2017": 13, "before July 2008": 14, "from July 2008": 2}
    assert Counter(t.era for t in PLAN.targets) == eras
    assert {t.country for t in PLAN.targets if "2008" in t.era} == {"Sweden"}
    countries = {"Denmark": 84, "Norway": 21, "Sweden": 16, "Netherlands": 3, "Nordic": 2}
    assert Counter(t.country for t in PLAN.targets) == countries


def test_page_shows_the_counts() -> None:
    page = (FOLDER.parent / "docs" / "calibration_tki2.md").read_text(encoding="utf-8")
    words = {
        "return": "return",
        "relapse": "relapse",
        "pension": "pension",
        "flex_job": "flex job",
        "": "between benefits",
    }
    rows = [(word, [t for t in PLAN.targets if t.family == family]) for family, word in words.items()]
    for word, own in (*rows, ("all", list(PLAN.targets))):
        words_of_eras = ("before 2013", "2013-16", "from 2017", "before July 2008", "from July 2008")
        eras = [sum(t.era == era for t in own) for era in words_of_eras]
        countries = [sum(t.country == c for t in own) for c in ("Denmark", "Norway", "Sweden", "Netherlands", "Nordic")]
        cells = [word, len(own), len({t.source for t in own}), *eras, *countries]
        assert f"| {' | '.join(map(str, cells))} |" in page


def test_the_model_can_express_them() -> None:
    """States, passages, events and groups are the model's, and every parameter that is set is read."""
    model = with_passages(read_model("tki2"), PLAN)
    starts = populations(model, PLAN.targets)
    assert len(starts) == 47
    assert sum(len(start.targets) for start in starts) == len(PLAN.targets)
    assert len(populations(model, PLAN.targets, PLAN.effects)) == 58


@pytest.mark.parametrize("name", PLAN.sources)
def test_sources_are_cited_as_papers(name: str) -> None:
    source = PLAN.sources[name]
    assert CITATION.fullmatch(source.title), source.title
    address = urlsplit(source.address)
    host = address.netloc.split(":")[0].removeprefix("www.")
    assert address.scheme in ("http", "https")
    assert host not in MIRRORS
    if host == "doi.org":
        assert re.fullmatch(r"/10\.\d{4,}/\S+", address.path)
    else:
        assert source.note or "News" in source.title or "Arbeid og velferd" in source.title, "why there is no DOI"


@pytest.mark.parametrize("target", PLAN.targets, ids=lambda target: target.name)
def test_error_is_not_below_the_sample_and_is_explained(target: Target) -> None:
    """With `n` the published interval is that of the sample, or wider; without it the note says where it is from."""
    low, high = transformed(target, target.interval)
    if target.n is not None:
        assert (high - low) / (2 * Z975) == pytest.approx(sampling_sd(target), rel=0.12)
    else:
        assert re.search("[Ii]nterval|Wilson|adjusted odds ratio|adjusted prevalence ratio", target.note)


def odds_ratio(one: float, other: float) -> float:
    return one / (1 - one) / (other / (1 - other))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("heart_rehabilitation_work", 163 / 244),
        ("heart_failure_workforce_52", 8040 / 11880),
        ("heart_arrest_sick_again_26", 1 - 455 / 610),
        ("heart_pci_work_4", 25 / 50),
        ("heart_pci_work_12", 36 / 50),
        ("heart_pci_work_52", 43 / 50),
        ("cancer_breast_pension_520", (13.0 - 4.5) / 93.9),
        ("cancer_breast_flex_520", (10.5 - 1.6) / 93.9),
        ("cancer_breast_self_520", 69.0 / 93.9),
        ("cancer_breast_sick_520", 3.4 / 93.9),
        ("cancer_pension_52", 0.036 + 0.006),
        ("cancer_pension_104", 0.072 + 0.012),
        ("cancer_pension_52_dip", 0.028 + 0.003),
        ("stroke_detached_52", 5248 / 20475),
        ("stroke_detached_5_years", 10855 / 20475),
        ("stroke_return_young", odds_ratio(0.870, 0.713)),
        ("stroke_detached_old", odds_ratio(0.272, 0.224)),
        ("disc_surgery_short_sick_52", odds_ratio(0.83, 0.50)),
        ("back_pain_return_104", (80.0 + 77.3) / 200),
        ("back_pain_work_104", (61.1 + 58.0) / 200),
        ("back_pain_sick_104", (16.6 + 18.8) / 200),
        ("general_return_52", 856 / 930),
        ("general_pension_window", 5694 / 225056),
        ("clarification_ended_work_13", 0.27 + 0.03),
        ("reduced_ability_no_pension_2011", 0.272 + 0.115 * 13.3 / 15.8),
        ("reduced_ability_no_work_2011", 0.333 + 0.115 * 2.5 / 15.8),
        ("reduced_ability_no_work_2022", 0.335 + 0.025),
        ("reduced_ability_no_pension_2022", 0.365 + 0.133),
        ("heart_bypass_se_return_26", 1 - 0.41),
        ("heart_pci_se_return_13", 1 - 0.36),
        ("depression_nl_return_52", 1 - 0.24),
        ("cancer_nl_return_104", 3701 / 5074),
        ("unemployed_nordic_work_52", 39.739 / (39.739 + 43.673 + 18.343)),
        ("unemployed_nordic_unemployed_52", 43.673 / (39.739 + 43.673 + 18.343)),
    ],
)
def test_derived_figures(name: str, value: float) -> None:
    assert BY_NAME[name].value == pytest.approx(value, rel=0.006)


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("heart_mi_detached_52", 0.911 * 22394),
        ("heart_cvd_detached_26", 0.898 * 8187),
        ("cancer_breast_self_520", 0.939 * 3663),
    ],
)
def test_derived_sizes(name: str, n: float) -> None:
    assert BY_NAME[name].n == pytest.approx(n, abs=1)


def test_people_of_one_paper_exclude_each_other() -> None:
    """The shares of one table are of the same people: same start, `set` and n, so that their covariance is known."""
    breast = [t for t in PLAN.targets if t.source == "hjorth_2024"]
    assert len({(t.start, tuple(t.changes.items()), t.n, t.statistic.among) for t in breast}) == 1
    assert sum(t.value for t in breast) < 1


def test_lot() -> None:
    papers = calibration_lot.figures()
    assert set(calibration_lot.SUGGESTED) < set(papers)
    eligible = calibration_lot.drawable()
    assert set(eligible).isdisjoint(calibration_lot.SUGGESTED)
    errors = [calibration_lot.measured(t) for t in PLAN.targets if t.source in eligible]
    assert len(errors) > 15
    assert all(errors)
    assert all("second-hand" not in PLAN.sources[name].note for name in eligible)
    lot, _ = calibration_lot.draw(eligible)
    assert len(set(lot)) == calibration_lot.PAPERS >= 6
    assert sum(len(papers[name]) for name in lot) <= calibration_lot.MOST == 15
    assert calibration_lot.draw(dict(reversed(eligible.items()))) == calibration_lot.draw(eligible)
    assert {t.name for t in PLAN.used("holdout")} == {name for paper in lot for name in papers[paper]}
    left = {name: names for name, names in papers.items() if name not in lot}
    assert len(left) >= 18
    assert sum(map(len, left.values())) >= 45


def test_a_lot_that_takes_too_much_is_drawn_again() -> None:
    papers = {"one": ("a",) * 9, "two": ("b",) * 9, "three": ("c",), "four": ("d",)}
    lots = {seed: calibration_lot.draw(papers, seed=seed, size=2, most=10) for seed in range(40)}
    assert all(set(lot) != {"one", "two"} for lot, _ in lots.values())
    assert any(drawn > 0 for _, drawn in lots.values())
    with pytest.raises(ValueError, match="no lot"):
        calibration_lot.draw(papers, size=2, most=1)


def test_hash_is_that_of_the_standard() -> None:
    assert calibration_lot.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_discrepancy_is_that_within_sources() -> None:
    assert math.isclose(PLAN.discrepancy, 0.2)


def test_priors_are_the_blind_ones_and_those_of_the_structure_and_59_scores_move_them() -> None:
    blind = read_evidence(FOLDER / "tki2_blind_priors.yaml").parameters
    structure = read_evidence(FOLDER / "tki2_structure_priors.yaml").parameters
    assert list(PLAN.priors) == [*blind, *structure]
    assert (len(blind), len(structure), len(PLAN.priors) - len(PLAN.leaders)) == (62, 9, 59)


def test_effects_act_on_all_hazards_of_their_kind() -> None:
    """By the multiplier that the model gives a transition: return, relapse, or pension and flex job."""
    model = read_model("tki2")
    by_end: dict[str, set[str]] = {"pension_source": set(), "flex_job_source": set(), "relapse_source": set()}
    returns = set()
    for transition in model.transitions:
        names = {name for name in transition.hazard.names if name.startswith("h_")} if transition.hazard else set()
        multiplier = set(transition.multiplier.names) if transition.multiplier else set()
        if transition.target == "disability_pension":
            by_end["pension_source"] |= names
        elif transition.target == "flex_job" and transition.source != "sick_flex":
            by_end["flex_job_source"] |= names
        elif "m_relapse" in multiplier:
            by_end["relapse_source"] |= names
        elif transition.target != "sick_partial" and multiplier & {"m_return", "m_return_job"}:
            returns |= names
    declared = {effect.name: set(effect.parameters) for effect in PLAN.effects}
    assert declared["return_source"] == declared["return_country"] == returns
    assert {name: declared[name] for name in by_end} == by_end
    assert declared["pension_era"] == by_end["pension_source"]
    assert declared["flex_job_era"] == by_end["flex_job_source"]
    assert declared["permanent_country"] == by_end["pension_source"] | by_end["flex_job_source"]


def test_era_effects_follow_their_notes() -> None:
    """Awards of pension before the reform and in 2017, what the reform did, and the dip as their product."""
    eras = {effect.name: effect for effect in PLAN.effects if effect.by == "era"}
    latest = {"pension_era": "from 2017", "flex_job_era": "from 2017", "pension_era_sweden": "from July 2008"}
    assert {effect.name: effect.reference for effect in eras.values()} == latest
    before, dip = (eras["pension_era"].levels[level][0] for level in ("before 2013", "2013-16"))
    assert before == pytest.approx(16_000 / 10_100, abs=0.01)
    assert dip == pytest.approx(before * math.sqrt(0.49 * 0.31), abs=0.01)
    assert dip == pytest.approx(5_743 / 10_100, rel=0.1)
    assert eras["flex_job_era"].levels["before 2013"][0] == pytest.approx(1 / 0.76, abs=0.01)
    awards = (68_720, 55_581, 42_107, 41_003)  # 2004-07
    ratio, sd = eras["pension_era_sweden"].levels["before July 2008"]
    assert ratio == pytest.approx(sum(awards) / 4 / 10_069, abs=0.01)
    assert sd == pytest.approx(math.log(2) / Z975, rel=0.01)
    assert PLAN.effects[[e.name for e in PLAN.effects].index("pension_era_sweden")].countries == ("Sweden",)
