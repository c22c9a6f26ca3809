"""Time zones by the names people give them."""

from __future__ import annotations

from antiphon.agents.booking.when.tokens import Words

PLACES = {
    "london": "Europe/London", "uk": "Europe/London", "british": "Europe/London", "dublin": "Europe/Dublin",
    "paris": "Europe/Paris", "berlin": "Europe/Berlin", "german": "Europe/Berlin", "french": "Europe/Paris",
    "madrid": "Europe/Madrid", "rome": "Europe/Rome", "amsterdam": "Europe/Amsterdam", "athens": "Europe/Athens",
    "new york": "America/New_York", "eastern": "America/New_York", "boston": "America/New_York",
    "chicago": "America/Chicago", "central": "America/Chicago", "denver": "America/Denver",
    "mountain": "America/Denver", "los angeles": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "california": "America/Los_Angeles", "san francisco": "America/Los_Angeles", "toronto": "America/Toronto",
    "tokyo": "Asia/Tokyo", "japan": "Asia/Tokyo", "singapore": "Asia/Singapore", "indian": "Asia/Kolkata",
    "india": "Asia/Kolkata", "dubai": "Asia/Dubai", "hong kong": "Asia/Hong_Kong", "sydney": "Australia/Sydney",
    "central european": "Europe/Berlin", "universal": "UTC",
}  # fmt: skip
LETTERS = {
    "gmt": "UTC", "utc": "UTC", "bst": "Europe/London", "cet": "Europe/Berlin", "cest": "Europe/Berlin",
    "est": "America/New_York", "edt": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "ist": "Asia/Kolkata",
}  # fmt: skip
_LONGEST_FIRST = tuple(sorted(PLACES.items(), key=lambda pair: -len(pair[0])))
_FIRST = frozenset(name.split()[0] for name in PLACES)
ALONE = ("eastern", "pacific")
"Said without the word time as well."


def zone(words: Words, place: int) -> tuple[str, int] | None:
    """A time zone that is named here, and where its name ends."""
    if words[place] in LETTERS:
        return LETTERS[words[place]], place + 1 + (words[place + 1] == "time")
    if words[place] == "in" and (found := zone(words, place + 1)):
        return found
    if words[place] not in _FIRST:
        return None
    for name, iana in _LONGEST_FIRST:
        if end := words.first_of(place, (f"{name} standard", f"{name} daylight", name)):
            if words[end] == "time":
                return iana, end + 1
            if name in ALONE:
                return iana, end
    return None
