"""The duels that are kept: a folder each under `duels` in the data folder, with `duel.json` and the sound as WAV."""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import wave
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.errors import CallerError
from antiphon.store.duel import VIAS, Duel

FOLDER = "duels"
UTTERANCE = "utterance"
"The name of the sound that was said; the others have the names of their ways."
MOST_KEPT = 500
LONGEST_SOUND_S = 120.0
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
_RATES = range(8_000, 48_001)


MaySee = Callable[[Duel], bool]
"Whether whoever asks may see the duel."


def everything(duel: Duel) -> bool:
    """For whoever may read the folder itself."""
    return True


class Duels:
    """Those under `home`."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def save(self, duel: Duel, utterance: Pcm, sounds: Mapping[str, Pcm]) -> Duel:
        """The duel is kept, whole or not at all, with the sounds of those of its lanes that have any; as it is kept.

        Raises CallerError when as many are kept as may be.
        """
        if len(self._ids()) >= MOST_KEPT:
            told = f"{MOST_KEPT} duels are kept already; delete some of them"
            raise CallerError(told, field="duels", code="too_many_duels")
        at = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        kept = duel.model_copy(
            update={
                "id": f"{at}-{secrets.token_hex(4)}",
                "lanes": tuple(
                    lane.model_copy(update={"has_sound": lane.via in sounds}) for lane in duel.lanes
                ),
            }
        )
        made = self._folder / f".{kept.id}"
        made.mkdir(parents=True)
        try:
            (made / f"{UTTERANCE}.wav").write_bytes(wav_of(utterance))
            for lane in kept.lanes:
                if lane.has_sound:
                    (made / f"{lane.via}.wav").write_bytes(wav_of(sounds[lane.via]))
            (made / "duel.json").write_text(kept.model_dump_json(indent=2), encoding="utf-8")
            os.replace(made, self._folder / kept.id)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        return kept

    def kept(self, may_see: MaySee = everything) -> list[Duel]:
        """Those that may be seen, newest first. Folders that hold no duel are passed over."""
        found = (self._read(id) for id in self._ids())
        return [duel for duel in found if duel is not None and may_see(duel)]

    def get(self, id: str, may_see: MaySee = everything) -> Duel:
        """That duel. Raises CallerError when there is none, or it may not be seen."""
        duel = self._read(id) if _ID.fullmatch(id) else None
        if duel is None or not may_see(duel):
            raise CallerError("there is no such duel", field="duel", code="unknown_duel")
        return duel

    def sound(self, id: str, name: str, may_see: MaySee = everything) -> Path:
        """The file of what was heard on that way, or of the utterance. Raises CallerError when there is none."""
        self.get(id, may_see)
        path = self._folder / id / f"{name}.wav"
        if name not in (*VIAS, UTTERANCE) or not path.is_file():
            raise CallerError("there is no such sound", field="lane", code="unknown_duel")
        return path

    def remove(self, id: str, may_see: MaySee = everything) -> None:
        """The duel is gone, with its sound. Raises CallerError when there is none."""
        self.get(id, may_see)
        shutil.rmtree(self._folder / id)

    def erase(self, tenant: str, person: str) -> int:
        """All that were sent by that person are gone. Returns how many."""
        theirs = [duel.id for duel in self.kept() if (duel.tenant, duel.person) == (tenant, person)]
        for id in theirs:
            shutil.rmtree(self._folder / id, ignore_errors=True)
        return len(theirs)

    def newest(self) -> int:
        """When a duel last came or went, in nanoseconds since 1970; 0 when there never was one."""
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0

    def _ids(self) -> list[str]:
        """Newest first: an id begins with its date."""
        if not self._folder.is_dir():
            return []
        return sorted(
            (path.name for path in self._folder.iterdir() if _ID.fullmatch(path.name)), reverse=True
        )

    def _read(self, id: str) -> Duel | None:
        try:
            text = (self._folder / id / "duel.json").read_bytes()
            return Duel.model_validate_json(text)
        except (OSError, ValidationError):
            return None


def wav_of(sound: Pcm) -> bytes:
    """The sound as a WAV file of one channel."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(BYTES_PER_SAMPLE)
        out.setframerate(sound.rate)
        out.writeframes(sound.data)
    return file.getvalue()


def sound_of(data: bytes, name: str) -> Pcm:
    """The sound in a WAV file's bytes: one channel of 16-bit integers. Raises CallerError that names it."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        raise _refused(f"the sound of {name} is no WAV file: {error or 'it is cut short'}") from None
    if channels != 1 or width != BYTES_PER_SAMPLE or rate not in _RATES:
        raise _refused(f"the sound of {name} is to have one channel of 16 bits, at 8 to 48 kHz")
    sound = Pcm(frames[: len(frames) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE], rate)
    if not 0 < sound.seconds <= LONGEST_SOUND_S:
        raise _refused(f"the sound of {name} is to last {LONGEST_SOUND_S:g} s at most, and not to be empty")
    return sound


def _refused(why: str) -> CallerError:
    return CallerError(why, field="sounds", code="bad_duel")
