"""The places in a connection for the tracks that its client hears."""

from __future__ import annotations

from collections.abc import Iterable

from aiortc import RTCRtpTransceiver

from antiphon.hosts.devroom.sound import Outlet

MOST = 16
"""Sections for tracks that the client hears, before one is used again. In that, a program that did not close its
stream of the track that was there before would hear the other."""


class Section:
    """A place in a connection for one track that the client hears."""

    def __init__(self, transceiver: RTCRtpTransceiver) -> None:
        self.transceiver = transceiver
        self.outlet = Outlet()
        self.track: str | None = None
        self.is_agreed = False
        "The client knows what is here, or that nothing is."
        transceiver.sender.replaceTrack(self.outlet)

    def fill(self, track: str, owner: str) -> None:
        """The track's packets will be sent from here."""
        self.track, self.is_agreed = track, False
        self.transceiver.direction = "sendonly"
        # From these LiveKit's clients learn whose track it is, and which.
        self.transceiver.sender._stream_id, self.transceiver.sender._track_id = f"{owner}|{track}", track

    def empty(self) -> None:
        """Nothing is sent from here."""
        self.track, self.is_agreed = None, False
        self.transceiver.direction = "inactive"

    @property
    def is_free(self) -> bool:
        """Another track may take it. A client that was not told in between would not notice."""
        return self.track is None and self.is_agreed


class Sections:
    """Which tracks the client is to hear, and where they are."""

    def __init__(self) -> None:
        self._wanted: dict[str, str] = {}
        "Tracks that the client is to hear, and their owners."
        self._sections: dict[int, Section] = {}
        "By the id of their transceivers."

    def want(self, track: str, owner: str) -> bool:
        """The client is to hear it: whether that is news."""
        is_new = track not in self._wanted
        self._wanted[track] = owner
        return is_new

    def forget(self, track: str) -> bool:
        """The client is not to hear it any longer: whether that is news."""
        if self._wanted.pop(track, None) is None:
            return False
        for section in self._sections.values():
            if section.track == track:
                section.empty()
        return True

    def outlet(self, track: str) -> Outlet | None:
        """Where the track's packets go, if it has a place."""
        return next((one.outlet for one in self._sections.values() if one.track == track), None)

    def missing(self) -> list[str]:
        """Tracks that are wanted and have no place yet."""
        placed = {one.track for one in self._sections.values()}
        return [track for track in self._wanted if track not in placed]

    def free(self, transceivers: Iterable[RTCRtpTransceiver]) -> list[RTCRtpTransceiver]:
        """Those of the transceivers that may take a track."""
        return [one for one in transceivers if one.kind == "audio" and self._may_take(one)]

    def place(self, transceivers: Iterable[RTCRtpTransceiver]) -> None:
        """Tracks that have no place yet take what is free among the transceivers."""
        for transceiver, track in zip(self.free(transceivers), self.missing(), strict=False):
            section = self._sections.get(id(transceiver)) or Section(transceiver)
            self._sections[id(transceiver)] = section
            section.fill(track, self._wanted[track])

    def agree(self) -> list[str]:
        """The client has agreed to what stands in the sections: the tracks of which that is news."""
        new = [one for one in self._sections.values() if not one.is_agreed]
        for section in new:
            section.is_agreed = True
        return [one.track for one in new if one.track is not None]

    def by_mid(self) -> dict[str, str]:
        """The tracks, by the names that the client's sections have."""
        filled = [one for one in self._sections.values() if one.track is not None and one.transceiver.mid]
        return {str(one.transceiver.mid): str(one.track) for one in filled}

    def _may_take(self, transceiver: RTCRtpTransceiver) -> bool:
        section = self._sections.get(id(transceiver))
        return section is None or (section.is_free and len(self._sections) >= MOST)


def sends(transceiver: RTCRtpTransceiver) -> bool:
    """The client sends here, by its last offer."""
    return transceiver._offerDirection in ("recvonly", "sendrecv")


def receives(transceiver: RTCRtpTransceiver) -> bool:
    """The client would hear, and nothing else, what is sent here."""
    return transceiver.kind == "audio" and transceiver._offerDirection == "sendonly"
