"""The bench itself: every suite once, as small as can be, against servers that follow a script. No timings."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence

import pytest
from rich.console import Console

from antiphon.bench.figures import BenchReport, Kind, Outcome, Statistic
from antiphon.bench.noises import NOISES
from antiphon.bench.page import html
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.showing import show_bench
from antiphon.bench.suites import DEFAULT, SUITES, bench
from antiphon.bench.timeline import Act
from antiphon.bench.trials import yielding
from antiphon.bench.trials.remembering import whole_words
from antiphon.bench.trials.trial import Progress, Setup, scripted, tone
from antiphon.bench.waveform import samples_of, speech_bounds
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import CallerError


class ToneVoice:
    """Says every text with the same tone: enough for ears that follow a script."""

    name = "tone"
    is_natural = True

    async def say(self, text: str) -> Pcm:
        return tone(0.4)

    async def say_broken(self, text: str, pause_s: float) -> tuple[Pcm, float]:
        return tone(0.4) + silence(pause_s, 16_000) + tone(0.4), 0.4


def run(suite: str, news: list[Progress] | None = None, **options: object) -> Outcome:
    """The outcome of one suite of its smallest size."""
    report = asyncio.run(
        bench([suite], voices=(ToneVoice(),), on_progress=(news or []).append, **options)  # type: ignore[arg-type]
    )
    assert [outcome.suite for outcome in report.outcomes] == [suite]
    return report.outcomes[0]


def against_a_script(suites: Sequence[str], **options: object) -> BenchReport:
    """The suites that measure a server as it is, with one that answers Yes to everything."""

    async def story() -> BenchReport:
        async with scripted(reply="Yes, of course.", char_ms=20) as url:
            return await bench(suites, url=url, agent="scripted", voices=(ToneVoice(),), **options)  # type: ignore[arg-type]

    return asyncio.run(story())


def test_the_framework_s_share_of_spoken_and_typed_turns() -> None:
    news: list[Progress] = []
    outcome = asyncio.run(bench(["framework"], repeats=5, on_progress=news.append)).outcomes[0]
    assert outcome.failures == ()
    spoken, typed = outcome.figures
    assert spoken.n + typed.n == 5
    assert typed.n == 1
    assert all(value >= 0 for figure in outcome.figures for value in figure.values)
    assert dict(outcome.parts)["endpointing"] > 0
    assert news[-1].done == news[-1].total == 5


def test_what_was_heard_is_what_is_remembered() -> None:
    outcome = run("remember", repeats=3)
    assert outcome.failures == ()
    difference, exact, _ = outcome.figures
    assert difference.n == 3
    assert difference.statistic(Statistic.VALUE) == 0
    assert exact.statistic(Statistic.VALUE) == 100
    assert outcome.has_passed


def test_questions_and_pauses_are_measured_at_a_server_that_runs_already() -> None:
    report = against_a_script(["turn", "pause"], repeats=1)
    turn, pause = report.outcomes
    assert turn.failures == pause.failures == ()
    assert turn.figures[0].n == 1
    assert turn.details[0]["understood"] == "Hello."
    assert pause.figures[0].n == 1
    assert pause.figures[0].kind is Kind.SHARE


def provoked(hears: str, sound: yielding.Sound, via: str = "orchestrate") -> yielding.Provoked:
    """A call in which that was made over the agent's voice, and understood as `hears`."""

    async def story() -> yielding.Provoked:
        async with scripted(hears=hears, reply=yielding.REPLY) as url:
            setup = Setup(via=via)
            return await yielding.provoke(lambda: setup.call(url, AGENT), [sound])

    return asyncio.run(story())


@pytest.mark.parametrize("via", ["orchestrate", "realtime"])
def test_an_interruption_is_yielded_to_and_its_silence_measured(via: str) -> None:
    call = provoked("Wait, please.", yielding.Sound(Act.TURN, "Wait.", "tone", tone(0.4)), via)
    assert call.failures == ()
    (reaction,) = call.reactions
    assert reaction.was_speaking, call.timeline
    assert call.is_right(reaction)
    assert reaction.clear_ms is not None
    silent, rate, *_ = yielding.figures(call)
    assert rate.statistic(Statistic.VALUE) == 100
    assert silent.n == 1
    assert 0 < silent.values[0] < 1500


def test_a_back_channel_is_survived() -> None:
    call = provoked("Mhm.", yielding.Sound(Act.BACKCHANNEL, "Mhm.", "tone", tone(0.3)))
    (reaction,) = call.reactions
    assert reaction.clear_ms is None
    assert reaction.resume_ms is not None
    assert call.is_right(reaction)
    by_name = {figure.name: figure for figure in yielding.figures(call)}
    assert by_name["S_BC: back-channels survived"].values == (1.0,)
    assert by_name["S_BC: back-channels survived without a pause"].values == (0.0,)
    assert by_name["needless pause"].n == 1


@pytest.mark.models
def test_a_load_has_its_costs_at_every_step() -> None:
    outcome = run("load", sessions=(1, 2), seconds=1.0)
    assert outcome.failures == ()
    assert [curve.x for curve in outcome.curves] == [(1.0, 2.0)] * len(outcome.curves)
    assert [detail["callers"] for detail in outcome.details] == [1, 2]
    assert outcome.figures[0].n == 1


@pytest.mark.models
def test_a_soak_leaves_nothing_behind() -> None:
    outcome = run("soak", sessions=(1,), seconds=2.0)
    assert outcome.failures == ()
    by_name = {figure.name: figure.values for figure in outcome.figures}
    assert by_name["sessions left open"] == (0.0,)
    assert by_name["calls made"] == (1.0,)


def test_a_suite_whose_server_is_missing_is_reported_not_hidden() -> None:
    report = asyncio.run(bench(["turn"], url="http://127.0.0.1:9", repeats=1, voices=(ToneVoice(),)))
    (outcome,) = report.outcomes
    assert "no server answers" in outcome.failures[0]
    assert outcome.definition
    assert not report.has_passed
    assert report.exit_code == 1


def test_a_report_is_json_a_page_and_a_table() -> None:
    report = against_a_script(["turn"], repeats=3)
    told = json.loads(report.json())
    assert told["before"]["cores"] >= 1
    figure = told["outcomes"][0]["figures"][0]
    assert figure["n"] == 3
    assert figure["p50"] <= figure["p95"]
    page = html(report)
    assert page.count("<svg") >= 2
    assert "http://" not in page.replace(report.url, "")
    assert "<script" not in page
    console = Console(width=120, record=True, file=io.StringIO())
    show_bench(console, report)
    assert "Response to a spoken question" in console.export_text()


def test_mistaken_wishes_are_refused_in_a_sentence() -> None:
    for suites, options in (
        (["speed"], {}),
        ([], {}),
        (["turn"], {"sessions": (0,)}),
        (["turn"], {"repeats": 0}),
        (["turn"], {"vias": ()}),
        (["turn"], {"vias": ("telegraph",)}),
    ):
        with pytest.raises(CallerError):
            asyncio.run(bench(suites, **options))


def test_every_suite_says_what_it_measures() -> None:
    assert set(SUITES) - set(DEFAULT) == {"soak", "resilience"}
    assert all(len(suite.definition.split()) > 40 for suite in SUITES.values())


def test_words_are_counted_in_the_samples_that_were_played() -> None:
    char = 600
    loud = Pcm(b"\x00\x20" * 5 * char, 24_000)
    sound = loud + silence(char / 24_000, 24_000) + loud.between(0, 200)
    assert whole_words(["Hello", "there"], samples_of(sound)) == ("Hello",)
    assert whole_words(["Hello"], samples_of(sound)[: 5 * char]) == ("Hello",)
    assert whole_words(["Hello"], samples_of(sound)[: 5 * char - 1]) == ()
    with pytest.raises(ValueError, match="is not the word"):
        whole_words(["Hi", "you"], samples_of(sound))


def test_noises_are_short_audible_and_the_same_every_time() -> None:
    for make in NOISES.values():
        assert make(3) == make(3)
        assert make(3) != make(4)
        bounds = speech_bounds(make(3))
        assert bounds is not None
        assert 0.1 < bounds[1] - bounds[0] < 0.8
