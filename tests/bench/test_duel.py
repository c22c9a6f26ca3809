"""One utterance fed to several ways at once, kept, listed and compared."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_server import echo_story, serving_story, tone
from pydantic import ValidationError
from rich.console import Console

from antiphon.bench.race import Raced, Racing, race
from antiphon.bench.showing_duels import show_comparison, show_duel, show_duels
from antiphon.bench.trials.duel import outcome
from antiphon.bench.wav import read_wav
from antiphon.core.audio import silence
from antiphon.core.errors import CallerError
from antiphon.store.duel import Duel, Lane, Part, Utterance, parts_of
from antiphon.store.duels import MOST_KEPT, Duels, sound_of

QUESTION = silence(0.1, 16_000) + tone(0.5, 16_000) + silence(0.2, 16_000)


def raced(
    vias: tuple[str, ...] = ("orchestrate",), rounds: int = 1, news: list[Racing] | None = None
) -> Raced:
    async def story() -> Raced:
        async with serving_story(echo_story) as url:
            told = news if news is not None else []
            return await race(QUESTION, url=url, vias=vias, rounds=rounds, on_progress=told.append)

    return asyncio.run(story())


def a_duel(**changes: object) -> Duel:
    lane = Lane(
        via="orchestrate", response_ms=400.0, parts=parts_of(400.0, {"model": 300.0}), waits_ms=(400.0,)
    )
    said = Utterance(text="Why?", seconds=0.8, speech_start_ms=100, speech_end_ms=600)
    whole = Duel(agent="tutor", started_at="2026-11-22T03:00:00Z", utterance=said, lanes=(lane,))
    return whole.model_copy(update=changes)


def seen_by(tenant: str) -> Callable[[Duel], bool]:
    return lambda duel: duel.tenant in ("", tenant)


# ---- the parts of a wait ---------------------------------------------------------------------------------
def test_what_the_server_does_not_count_is_a_part_of_its_own() -> None:
    assert parts_of(450.0, {"endpointing": 154.0, "model": 0.0, "synthesis": 200.3}) == (
        Part(name="endpointing", ms=154.0),
        Part(name="synthesis", ms=200.3),
        Part(name="outside", ms=95.7),
    )


def test_what_a_server_counts_before_speech_ended_or_after_sound_was_heard_was_not_waited_for() -> None:
    told = {"endpointing": 154.0, "recognition": 100.0, "synthesis": 200.0}
    assert parts_of(440.0, told)[0] == Part(name="endpointing", ms=140.0)
    assert [(part.name, part.ms) for part in parts_of(250.0, told)] == [
        ("recognition", 100.0),
        ("synthesis", 150.0),
    ]


def test_where_a_server_tells_nothing_all_of_the_wait_is_untold() -> None:
    assert parts_of(300.0, {}) == (Part(name="other", ms=300.0),)
    assert parts_of(-20.0, {"model": 5.0}) == ()


@pytest.mark.parametrize("whole", [0.1, 99.9, 333.3, 612.7])
def test_parts_sum_to_the_whole(whole: float) -> None:
    told = {"endpointing": 33.33, "recognition": 66.66, "routing": 0.04, "synthesis": 199.95}
    assert sum(round(part.ms * 10) for part in parts_of(whole, told)) == round(whole * 10)


def test_a_lane_whose_parts_do_not_sum_is_none() -> None:
    with pytest.raises(ValidationError, match="the parts make"):
        Lane(via="direct", response_ms=400.0, parts=(Part(name="model", ms=300.0),))


# ---- the race --------------------------------------------------------------------------------------------
def test_every_round_is_measured_and_its_parts_sum_to_what_was_heard() -> None:
    news: list[Racing] = []
    found = raced(rounds=2, news=news)
    (lane,) = found.duel.lanes
    assert (lane.error, lane.n, len(lane.joins_ms)) == ("", 2, 2)
    assert lane.answer == "answer 1"
    assert lane.response_ms is not None
    assert 400 <= lane.response_ms < 3000
    assert [part.name for part in lane.parts] == ["endpointing", "model", "outside"]
    assert sum(part.ms for part in lane.parts) == pytest.approx(lane.response_ms)
    assert {at.round for at in news} == {1, 2}


def test_what_was_heard_lies_on_the_duels_clock() -> None:
    found = raced()
    (lane,) = found.duel.lanes
    assert lane.response_ms is not None
    begins = found.duel.utterance.speech_end_ms + lane.response_ms
    sound = found.sounds["orchestrate"]
    at = round(begins / 1000 * sound.rate)
    assert max(sound.between(at - 2400, at - 24).data, default=0) == 0
    assert any(sound.between(at, at + 240).data)
    happened = {event.what: event.at_ms for event in lane.events}
    assert happened["answer"] == pytest.approx(begins, abs=0.2)
    assert happened["understood"] < happened["sentence"] < happened["answer"] < happened["over"]


def test_a_way_that_cannot_be_had_says_why_and_the_others_race() -> None:
    duel = raced(("direct", "orchestrate")).duel
    direct, orchestrate = duel.lanes
    assert direct.error
    assert direct.response_ms is None
    assert orchestrate.error == ""
    assert orchestrate.answer == "answer 1"
    assert outcome(duel).failures == (f"direct: {direct.error}",)


def test_what_cannot_be_said_is_refused_before_any_call() -> None:
    for sound, vias in ((silence(1.0, 16_000), ("orchestrate",)), (QUESTION, ("pigeon",)), (QUESTION, ())):
        with pytest.raises(CallerError):
            asyncio.run(race(sound, url="http://127.0.0.1:1", vias=vias))


# ---- what is kept ----------------------------------------------------------------------------------------
def test_a_duel_is_kept_with_its_sound_and_found_again(tmp_path: Path) -> None:
    duels = Duels(tmp_path)
    assert duels.kept() == []
    kept = duels.save(a_duel(), QUESTION, {"orchestrate": tone(0.3)})
    assert duels.get(kept.id) == kept
    assert duels.kept() == [kept]
    assert kept.lanes[0].has_sound
    assert read_wav(duels.sound(kept.id, "utterance")).data == QUESTION.data
    assert read_wav(duels.sound(kept.id, "orchestrate")).seconds == pytest.approx(0.3)
    told = json.loads(json.dumps(kept.told()))
    assert (told["lanes"][0]["n"], told["lanes"][0]["p50_ms"]) == (1, 400.0)
    duels.remove(kept.id)
    assert duels.kept() == []


def test_nothing_outside_of_the_folder_can_be_named(tmp_path: Path) -> None:
    duels = Duels(tmp_path)
    kept = duels.save(a_duel(), QUESTION, {})
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    for id in ("..", ".", "", f"../duels/{kept.id}", f"{kept.id}/", f"{kept.id}\n", "/etc"):
        with pytest.raises(CallerError, match="no such duel"):
            duels.get(id)
        with pytest.raises(CallerError):
            duels.remove(id)
    for name in ("../../secret", "duel.json", "", "orchestrate", "../utterance"):
        with pytest.raises(CallerError, match="no such sound"):
            duels.sound(kept.id, name)


def test_a_tenant_sees_its_own_and_what_was_made_on_the_machine(tmp_path: Path) -> None:
    duels = Duels(tmp_path)
    own = duels.save(a_duel(), QUESTION, {})
    theirs = duels.save(a_duel(tenant="school", person="anna"), QUESTION, {})
    assert [duel.id for duel in duels.kept(seen_by("college"))] == [own.id]
    assert {duel.id for duel in duels.kept(seen_by("school"))} == {own.id, theirs.id}
    with pytest.raises(CallerError):
        duels.get(theirs.id, seen_by("college"))
    assert "tenant" not in theirs.told()
    assert duels.erase("school", "anna") == 1
    assert [duel.id for duel in duels.kept()] == [own.id]


def test_a_broken_folder_is_passed_over(tmp_path: Path) -> None:
    duels = Duels(tmp_path)
    kept = duels.save(a_duel(), QUESTION, {})
    broken = tmp_path / "duels" / "20260101-000000-00000000"
    broken.mkdir()
    (broken / "duel.json").write_text('{"format": 1')
    assert duels.kept() == [kept]


def test_no_more_are_kept_than_may_be(tmp_path: Path) -> None:
    for number in range(MOST_KEPT):
        (tmp_path / "duels" / f"20260101-000000-{number:08x}").mkdir(parents=True)
    with pytest.raises(CallerError, match="delete some"):
        Duels(tmp_path).save(a_duel(), QUESTION, {})


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\x04\x00\x00\x00WAVE", b"\x00" * 100])
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(CallerError, match="utterance"):
        sound_of(data, "utterance")


def test_duels_are_shown_listed_and_compared() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    faster = Lane(via="orchestrate", response_ms=300.0, parts=parts_of(300.0, {}), waits_ms=(300.0,))
    one, other = a_duel(id="one"), a_duel(id="other", lanes=(faster,))
    show_duel(console, one)
    show_duels(console, [one, other])
    show_comparison(console, one, other)
    told = console.export_text()
    assert "model 300 + outside 100 = 400 ms" in told
    assert "-100 ms" in told
