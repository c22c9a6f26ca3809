"""Going on when a provider fails. Once for all vendors and all ports.

retry     how long to go on trying           breaker   no knocking at a dead door
limits    what may be asked a minute         chain     the next one, and on from where one broke off
seam      two halves of a text as one        models    language models as one
speech    voices, recognizers as one         sharing   equal requests under way are made once
caches    speech made before                 answers   answers that are the same for everybody
health    how each of them has been doing
"""

from antiphon.providers.resilience.answers import CommonAnswers
from antiphon.providers.resilience.breaker import Breaker, BreakerPolicy, State
from antiphon.providers.resilience.caches import CachedVoice, Kept, Shelf, is_personal, speech_key
from antiphon.providers.resilience.chain import Fallback, Link, Named
from antiphon.providers.resilience.health import Attempt, CacheHealth, Health, Watched, healths
from antiphon.providers.resilience.limits import Allowance, RateLimit, allowances
from antiphon.providers.resilience.models import FirstOf, first_of
from antiphon.providers.resilience.retry import Persistence, retry_after
from antiphon.providers.resilience.seam import Seam, seamless
from antiphon.providers.resilience.sharing import Shared
from antiphon.providers.resilience.speech import FirstRecognizer, FirstVoice, first_recognizer, first_voice

__all__ = [
    "Allowance",
    "Attempt",
    "Breaker",
    "BreakerPolicy",
    "CacheHealth",
    "CachedVoice",
    "CommonAnswers",
    "Fallback",
    "FirstOf",
    "FirstRecognizer",
    "FirstVoice",
    "Health",
    "Kept",
    "Link",
    "Named",
    "Persistence",
    "RateLimit",
    "Seam",
    "Shared",
    "Shelf",
    "State",
    "Watched",
    "allowances",
    "first_of",
    "first_recognizer",
    "first_voice",
    "healths",
    "is_personal",
    "retry_after",
    "seamless",
    "speech_key",
]  # fmt: skip
