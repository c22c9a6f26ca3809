"""What is taken of the descriptions and addresses that clients send (SDP, RFC 8866; ICE, RFC 8839)."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator

from aioice.ice import get_host_addresses
from aiortc import InvalidAccessError, InvalidStateError, RTCIceCandidate
from aiortc.exceptions import InternalError, OperationError
from aiortc.sdp import candidate_from_sdp

from antiphon.core.errors import CallerError

MAX_SDP = 192 * 1024
"Characters of a description. A browser's with seven tracks has 12,000."
MAX_SECTIONS = 64
"Media sections of a description: those no longer used stay in it."
MAX_CANDIDATES = 16
"Addresses of a client's connection that are tried."
GARBAGE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, StopIteration,
    InvalidStateError, InvalidAccessError, InternalError, OperationError,
)  # fmt: skip
"What aiortc raises for a description that is none, or that contradicts itself."


class OfferRefused(CallerError):
    """A description that cannot be answered."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The connection's description cannot be used: {why}", field="sdp", code="bad_sdp")


def is_ours(address: str) -> bool:
    """An address of this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback or address in get_host_addresses(True, True)
    except ValueError:
        return False  # a name, which only the client's network could look up


def checked(sdp: str) -> str:
    """The description, with no addresses but this machine's. Raises OfferRefused for what can be seen from afar."""
    if len(sdp) > MAX_SDP:
        raise OfferRefused(f"it has more than {MAX_SDP} characters.")
    if not sdp.startswith("v=0"):
        raise OfferRefused("it does not begin with v=0.")
    if not 0 < len(re.findall(r"^m=", sdp, re.MULTILINE)) <= MAX_SECTIONS:
        raise OfferRefused(f"it must have 1 to {MAX_SECTIONS} sections.")
    return "".join(f"{line}\r\n" for line in _lines(sdp))


def _lines(sdp: str) -> Iterator[str]:
    seen = 0
    for line in sdp.splitlines():
        if line.startswith("a=candidate:"):
            parts = line.split()
            seen += 1
            if seen > MAX_CANDIDATES or len(parts) < 6 or not is_ours(parts[4]):
                continue
        if line != "a=end-of-candidates":  # more may follow by another way
            yield line


def candidate(told: str) -> RTCIceCandidate | None:
    """The address in what a client trickles, or None for one that is not to be tried."""
    try:
        given = json.loads(told)
        found = candidate_from_sdp(str(given["candidate"]).partition(":")[2])
        found.sdpMid, found.sdpMLineIndex = given.get("sdpMid"), given.get("sdpMLineIndex")
    except (*GARBAGE, RecursionError):
        return None
    if found.protocol != "udp" or not is_ours(found.ip):
        return None
    if found.sdpMid is None and found.sdpMLineIndex is None:
        found.sdpMLineIndex = 0
    return found
