"""Alerts and dashboards ask for metrics that exist, with labels that they have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from antiphon.core import events as e
from antiphon.hosts.metrics import Metrics
from antiphon.hosts.tracing.sink import Sent
from antiphon.providers.resilience import CacheHealth, Health

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "antiphon.json"


def known() -> set[str]:
    metrics = Metrics()
    metrics.watch_store(lambda: 0)
    metrics.watch_traces(lambda: [Sent("otlp", 1, 0, 0, "")])
    metrics.watch_providers(list[Health | CacheHealth])
    metrics.watch_phases(list)
    metrics.note("tutor", e.ClearPlayout(1))
    found: set[str] = {"up"}
    for family in metrics.registry.collect():
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        found |= {family.name + ending for ending in endings}
    return found


def asked(expression: str) -> set[str]:
    return set(re.findall(r"\b((?:antiphon|process)_\w+)\b", re.sub(r"\{[^}]*\}", "", expression)))


def test_alerts_ask_for_metrics_that_exist() -> None:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 10
    assert {name for rule in rules for name in asked(rule["expr"])} - known() == set()
    for rule in rules:
        if "alert" in rule:
            assert rule["annotations"].keys() == {"summary", "description"}
            assert rule["labels"]["severity"] in {"info", "warning", "critical"}


def test_every_alert_is_explained() -> None:
    told = (DEPLOY.parent / "docs/reference/telemetry.md").read_text(encoding="utf-8")
    names = re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8"))
    assert [name for name in names if f"`{name}`" not in told] == []


def test_the_dashboard_asks_for_metrics_that_exist() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    targets = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    assert len(targets) > 20
    assert {name for target in targets for name in asked(target)} - known() == set()
    assert len({panel["id"] for panel in panels}) == len(panels)
