"""Every setting there is, read once from the environment. Nothing else in the tree reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from antiphon.core.errors import SetupError


class Settings(BaseSettings):
    """One frozen value. `ANTIPHON_` goes before a name, except where an alias is given."""

    model_config = SettingsConfigDict(
        env_prefix="ANTIPHON_", frozen=True, extra="ignore", populate_by_name=True
    )

    home: Path = Field(default=Path("~/.antiphon"), description="Where data lives: journals, caches, models.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8700, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    stt: str = Field(
        default="",
        description="Recognizers, vendor/model, comma-separated: the first that works is asked. Empty: "
        "local/moonshine-tiny, or local/whisper-tiny where its wheel does not exist.",
    )
    tts: str = Field(
        default="local/hibari",
        description="Voices, vendor/model, comma-separated: the first that works speaks.",
    )
    voice: str = Field(
        default="", description="The voice hosted synthesizers speak with. Empty: the one the agent names."
    )
    speech_base_url: str = Field(
        default="",
        description="An OpenAI-compatible server for openai/… in stt and tts. Empty: OPENAI_BASE_URL.",
    )
    moderation: str = Field(
        default="",
        description="Beside the local guardrail: openai/…; local: nothing. Empty: OpenAI's when its key is set "
        "and OPENAI_BASE_URL is not.",
    )
    moderation_ms: int = Field(
        default=400, ge=50, description="Milliseconds it has; then the local guardrail decides alone."
    )
    llm: str = Field(
        default="",
        description="Language models, vendor/model, comma-separated: the first that works answers; none: no "
        "model. Empty: openai or anthropic when their key is set, else none: agents answer from what they know.",
    )
    llm_base_url: str = Field(
        default="", validation_alias="OPENAI_BASE_URL", description="An OpenAI-compatible server."
    )
    llm_gguf: Path | None = Field(
        default=None,
        description="A GGUF file of yours for local/…; without it the packaged weights are put together.",
    )
    openai_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="OPENAI_API_KEY")
    anthropic_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="ANTHROPIC_API_KEY")
    openai_model: str = Field(default="gpt-4.1-mini", description="Model used when only a key is given.")
    anthropic_model: str = Field(default="claude-haiku-5-5", description="Likewise for Anthropic.")
    openai_moderation_model: str = Field(
        default="omni-moderation-latest", description="The moderation used when only a key is given."
    )
    specialist_models: str = Field(
        default="",
        description="Language models of single specialists, name=vendor/model, comma-separated. They come before "
        "those of llm, which answer when they fail.",
    )
    openai_history_model: str = Field(
        default="",
        validation_alias="OPENAI_HISTORY_MODEL",
        description="OpenAI's model for the specialist history.",
    )
    anthropic_math_model: str = Field(
        default="",
        validation_alias="ANTHROPIC_MATH_MODEL",
        description="Anthropic's model for the specialist math.",
    )
    anthropic_classifier_model: str = Field(
        default="",
        validation_alias="ANTHROPIC_CLASSIFIER_MODEL",
        description="Anthropic's model that is asked who should answer where the router is unsure.",
    )
    openai_realtime_model: str = Field(
        default="gpt-realtime",
        validation_alias="OPENAI_REALTIME_MODEL",
        description="The model of OpenAI's Realtime API.",
    )
    realtime_base_url: str = Field(
        default="",
        description="Where pages of direct calls find their Realtime API, https://…/v1. Empty: OpenAI when "
        "OPENAI_API_KEY is set and OPENAI_BASE_URL is not, else this server.",
    )
    livekit_url: str = Field(
        default="",
        validation_alias="LIVEKIT_URL",
        description="The LiveKit server whose rooms our agents join, wss://…. Empty: no rooms but the dev room's.",
    )
    livekit_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="LIVEKIT_API_KEY", description="Of that server."
    )
    livekit_api_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="LIVEKIT_API_SECRET",
        description="Signs tokens for that server.",
    )
    livekit_english: Literal["", "own", "same", "off"] = Field(
        default="",
        description="Who teaches English in LiveKit rooms: own: a realtime model in a session of its own, by the "
        "worker learning-english; same: that model in the orchestrator's session; off: the specialist, as everywhere. "
        "Empty: own where OPENAI_API_KEY or ANTIPHON_REALTIME_BASE_URL is set, else off.",
    )
    livekit_health_port: int = Field(
        default=8081,
        ge=0,
        le=65535,
        description="Port of a LiveKit worker's health page; its second agent's is the next one. 0 takes free ones.",
    )
    store: Literal["postgres", "off"] = Field(
        default="postgres", description="Where sessions are kept; off: nowhere but in this process."
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="DATABASE_URL",
        description="A Postgres server, postgresql://…. Empty: an embedded one in `home`.",
    )
    database_direct_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="DATABASE_DIRECT_URL",
        description="The same server past its pooler, for listening. Empty: DATABASE_URL.",
    )
    node: str = Field(
        default="", description="This process's name among others. Empty: the machine's and some letters."
    )
    node_url: str = Field(
        default="",
        description="Where people reach this very process, https://…: supervisors of its calls are sent there.",
    )
    retention_days: int = Field(
        default=0, ge=0, description="Sessions older than so many days are deleted; 0: none is."
    )
    webhook_url: str = Field(
        default="", description="Told of every call for a person by a signed POST; https, or on this machine."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs them; 16 characters or more. See docs/reference/operations.md.",
    )
    stored_details: Literal["keep", "redact"] = Field(
        default="keep",
        description="Telephone numbers, e-mail addresses, card and identity numbers in stored conversations.",
    )
    journals: bool = Field(default=True, description="Write a journal of every session, without sound.")
    keep_speech: bool = Field(
        default=False,
        description="Keep synthesized sentences without personal details in `home`, 256 MB at most.",
    )
    keep_answers: int = Field(
        default=0,
        ge=0,
        description="Seconds for which a language model's answer to the first question of a call is given again to "
        "whoever asks the same of a specialist that is public; 0: none is. See docs/reference/resilience.md.",
    )
    provider_limits: str = Field(
        default="",
        description="What may be asked of single providers a minute, vendor/model=requests[/tokens], "
        "comma-separated; beyond it the next one is asked.",
    )
    max_sessions: int = Field(default=100, ge=1, description="Callers at once; more are turned away (4429).")
    log_level: str = Field(default="info", description="debug, info, warning or error.")
    log_json: bool = Field(default=False, description="One JSON object a line instead of plain text.")

    # ---- what operators see: docs/reference/telemetry.md ------------------------------------------------
    otel_endpoint: str = Field(
        default="",
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="An OpenTelemetry collector that traces are sent to over HTTP, http://…:4318. Empty: none.",
    )
    otel_headers: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="OTEL_EXPORTER_OTLP_HEADERS",
        description="Headers for it, name=value, comma-separated, percent-encoded.",
    )
    langfuse_public_key: str = Field(
        default="",
        validation_alias="LANGFUSE_PUBLIC_KEY",
        description="Traces are sent to Langfuse, beside the collector if there is one.",
    )
    langfuse_secret_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="LANGFUSE_SECRET_KEY",
        description="The key that goes with it.",
    )
    langfuse_host: str = Field(
        default="",
        validation_alias="LANGFUSE_HOST",
        description="The Langfuse server. Empty: https://cloud.langfuse.com.",
    )
    trace_text: bool = Field(
        default=False, description="Traces hold what was said. Without it they hold numbers and names only."
    )
    chaos: bool = Field(
        default=False,
        description="Administrators may make the voice, the recognizer or the model fail or dawdle, and drop "
        "connections, to see what callers notice. For development.",
    )
    stall_ms: int = Field(
        default=0,
        ge=0,
        description="Milliseconds without an answer from the event loop after which the code that holds it up is "
        "logged and counted; 0: nobody looks.",
    )

    # ---- who may do what: docs/reference/security.md ----------------------------------------------------
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs tokens; 32 characters or more, the same on every node. Empty: made once in home.",
    )
    oidc_issuer: str = Field(default="", description="URL of the OpenID provider people sign in with.")
    oidc_audience: str = Field(default="", description="Our client id there: the audience of its id tokens.")
    oidc_jwks_url: str = Field(default="", description="Its keys; empty: found by the issuer's discovery.")
    oidc_tenant_claim: str = Field(default="tenant", description="Claim that names a person's tenant.")
    oidc_role_claim: str = Field(
        default="role", description="Claim that holds caller, supervisor or admin, or a list of them."
    )
    firebase_project: str = Field(default="", description="Sign in with Firebase: its project id is enough.")
    origins: str = Field(
        default="",
        description="Origins of pages, besides our own, that may act here and read the answers; comma-separated.",
    )
    hosts: str = Field(default="", description="Host names we answer to, comma-separated. Empty: any.")
    redis_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="REDIS_URL",
        description="Limits are counted and spent tokens kept there for all nodes together.",
    )
    limit_loopback: bool = Field(default=False, description="Limit callers on this machine as well.")
    limit_requests: int = Field(default=600, ge=1, description="HTTP requests a minute and person.")
    limit_sign_ins: int = Field(default=20, ge=1, description="Failed sign-ins a minute and address.")
    limit_sessions: int = Field(default=30, ge=1, description="Sessions a person may open a minute.")
    limit_messages: int = Field(default=200, ge=1, description="WebSocket messages a second and connection.")
    limit_audio_minutes: int = Field(default=240, ge=1, description="Minutes of calls a day and person.")
    limit_spend: float = Field(
        default=5.0, gt=0, description="US dollars of hosted models and services a day and person."
    )
    max_body_kb: int = Field(default=256, ge=1, description="Largest HTTP body taken, KiB.")
    request_seconds: float = Field(
        default=30.0, gt=0, description="Seconds an HTTP answer may take to begin."
    )

    @property
    def language_models(self) -> tuple[str, ...]:
        """The language models to use, in the order in which they are asked."""
        if self.llm == "none":
            return ()
        if self.llm:
            return tuple(name.strip() for name in self.llm.split(",") if name.strip())
        found = []
        if self.openai_api_key.get_secret_value() or self.llm_base_url:
            found.append(f"openai/{self.openai_model}")
        if self.anthropic_api_key.get_secret_value():
            found.append(f"anthropic/{self.anthropic_model}")
        return tuple(found)

    @property
    def models_of_specialists(self) -> dict[str, str]:
        """The language models of single specialists, by the specialist's name."""
        if self.llm == "none":
            return {}
        found: dict[str, str] = {}
        if self.openai_history_model:
            found["history"] = f"openai/{self.openai_history_model}"
        if self.anthropic_math_model:
            found["math"] = f"anthropic/{self.anthropic_math_model}"
        pairs = (pair.partition("=") for pair in self.specialist_models.split(",") if pair.strip())
        return found | {name.strip(): model.strip() for name, _, model in pairs}

    @property
    def realtime_api(self) -> str:
        """Where pages of direct calls find their Realtime API, https://…/v1; empty: here."""
        if self.realtime_base_url:
            return self.realtime_base_url.rstrip("/")
        has_openai = self.openai_api_key.get_secret_value() and not self.llm_base_url
        return "https://api.openai.com/v1" if has_openai else ""

    @property
    def moderator(self) -> str:
        """The moderation to use beside the local guardrail; local: none."""
        if self.moderation:
            return self.moderation
        has_openai = self.openai_api_key.get_secret_value() and not self.llm_base_url
        return f"openai/{self.openai_moderation_model}" if has_openai else "local"

    @property
    def data(self) -> Path:
        """`home` with the user's folder filled in."""
        return self.home.expanduser()


def read_settings() -> Settings:
    """The settings of this process. Raises SetupError that names the variable at fault."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"ANTIPHON_{name.upper()}"
        raise SetupError(f"{variable}={first['input']!r} will not do: {first['msg'].lower()}") from None
