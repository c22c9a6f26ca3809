"""What the files of deploy/ say of Antiphon is true of it: settings, ports, routes, extras, files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from antiphon.config import Settings
from antiphon.hosts.security.middleware import PROBES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = sorted(DEPLOY.glob("compose.*.yaml"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
READ_BY_OTHERS = {"FORWARDED_ALLOW_IPS"}
"Not ours: uvicorn reads it."


class Compose(yaml.SafeLoader):
    """YAML with Compose's own tags, whose values are taken as they stand."""


def untagged(loader: Compose, suffix: str, node: yaml.Node) -> object:
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


Compose.add_multi_constructor("!", untagged)


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Compose)


def objects() -> Iterator[Any]:
    for path in MANIFESTS:
        yield from filter(None, yaml.safe_load_all(path.read_text(encoding="utf-8")))


def the(kind: str, name: str) -> Any:
    return next(one for one in objects() if one["kind"] == kind and one["metadata"]["name"] == name)


def settings() -> set[str]:
    aliases = {name: field.validation_alias for name, field in Settings.model_fields.items()}
    return {
        alias if isinstance(alias, str) else f"ANTIPHON_{name.upper()}" for name, alias in aliases.items()
    }


def base() -> Any:
    return read(DEPLOY / "compose.yaml")


@pytest.mark.parametrize("path", [DEPLOY / "compose.yaml", *OVERLAYS], ids=lambda path: path.name)
def test_compose_sets_settings_that_exist(path: Path) -> None:
    services = read(path)["services"]
    ours = [services[name]["environment"] for name in ("antiphon", "worker")]
    assert {name for environment in ours for name in environment} - settings() == set()


def test_the_image_sets_settings_that_exist() -> None:
    named = set(re.findall(r"\b(ANTIPHON_[A-Z_]+)=", DOCKERFILE))
    assert named
    assert named - settings() == set()


def test_the_cluster_sets_settings_that_exist() -> None:
    named = {*the("ConfigMap", "antiphon")["data"], *the("Secret", "antiphon")["stringData"]}
    for name in ("antiphon", "antiphon-worker"):
        pod = the("Deployment", name)["spec"]["template"]["spec"]
        named |= {one["name"] for one in pod["containers"][0]["env"]}
    assert named - settings() - READ_BY_OTHERS == set()


def test_the_cluster_s_secret_is_a_template() -> None:
    assert set(the("Secret", "antiphon")["stringData"].values()) == {""}
    listed = read(DEPLOY / "kubernetes/kustomization.yaml")["resources"]
    assert "secret.example.yaml" not in listed


def test_every_manifest_is_applied_or_a_template() -> None:
    listed = read(DEPLOY / "kubernetes/kustomization.yaml")["resources"]
    others = {"kustomization.yaml", "secret.example.yaml"}
    assert sorted([*listed, *others]) == [path.name for path in MANIFESTS]


def test_everything_is_about_one_port() -> None:
    assert Settings.model_fields["port"].default == 8700
    assert "EXPOSE 8700" in DOCKERFILE
    assert "ANTIPHON_PORT=8700" in DOCKERFILE
    assert "127.0.0.1:8700:8700" in base()["services"]["livekit"]["ports"]
    assert the("ConfigMap", "antiphon")["data"]["ANTIPHON_PORT"] == "8700"
    container = the("Deployment", "antiphon")["spec"]["template"]["spec"]["containers"][0]
    assert container["ports"] == [{"name": "http", "containerPort": 8700}]
    assert the("Service", "antiphon")["spec"]["ports"][0]["targetPort"] == "http"
    assert the("NetworkPolicy", "antiphon")["spec"]["ingress"][0]["ports"][0]["port"] == 8700
    scraped = read(DEPLOY / "compose/prometheus.yml")["scrape_configs"][0]
    assert scraped["static_configs"][0]["targets"] == ["livekit:8700"]


def test_livekit_s_ports_and_release_agree() -> None:
    text = (DEPLOY / "livekit.yaml").read_text(encoding="utf-8")
    rtc = yaml.safe_load(text)
    livekit = base()["services"]["livekit"]
    published = {port.removeprefix("127.0.0.1:") for port in livekit["ports"]}
    assert {f"{rtc['port']}:{rtc['port']}", f"{rtc['rtc']['tcp_port']}:{rtc['rtc']['tcp_port']}"} <= published
    assert f"{rtc['rtc']['udp_port']}:{rtc['rtc']['udp_port']}/udp" in published
    assert livekit["image"] in text


def test_the_worker_is_asked_where_it_answers() -> None:
    port = str(Settings.model_fields["livekit_health_port"].default)
    worker = base()["services"]["worker"]
    assert worker["environment"]["ANTIPHON_LIVEKIT_HEALTH_PORT"] == port
    assert f":{port}/" in " ".join(worker["healthcheck"]["test"])
    container = the("Deployment", "antiphon-worker")["spec"]["template"]["spec"]["containers"][0]
    assert container["ports"] == [{"name": "health", "containerPort": int(port)}]
    assert the("ConfigMap", "antiphon")["data"]["ANTIPHON_LIVEKIT_HEALTH_PORT"] == port


def test_probes_ask_routes_that_answer_anybody() -> None:
    container = the("Deployment", "antiphon")["spec"]["template"]["spec"]["containers"][0]
    asked = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    annotations = the("Deployment", "antiphon")["spec"]["template"]["metadata"]["annotations"]
    asked |= {annotations["prometheus.io/path"], *re.findall(r"127\.0\.0\.1:8700(/\w+)", DOCKERFILE)}
    assert asked == PROBES


def test_calls_have_the_time_to_end() -> None:
    """A drain takes 20 s at most; nobody kills the server before."""
    assert base()["x-antiphon"]["stop_grace_period"] == "30s"
    for name in ("antiphon", "antiphon-worker"):
        pod = the("Deployment", name)["spec"]["template"]["spec"]
        before = (
            pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        )
        assert pod["terminationGracePeriodSeconds"] >= before + 20 + 5


def test_what_is_mounted_exists() -> None:
    for service in base()["services"].values():
        for mount in service.get("volumes", ()):
            source = mount.partition(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in base()["volumes"], (
                mount
            )
    grafana = base()["services"]["grafana"]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (DEPLOY / "grafana" / Path(home).name).exists()


def test_prometheus_reads_the_rules_that_are_mounted() -> None:
    rules = read(DEPLOY / "compose/prometheus.yml")["rule_files"]
    mounted = [mount.split(":")[1] for mount in base()["services"]["prometheus"]["volumes"]]
    assert all(f"/etc/prometheus/{name}" in mounted for name in rules)
    job = read(DEPLOY / "compose/prometheus.yml")["scrape_configs"][0]["job_name"]
    assert "antiphon" in job, "the rule AntiphonDown looks for jobs of this name"


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    copied = [
        name
        for line in re.findall(r"^COPY (?!--)(.+)$", DOCKERFILE, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    admitted = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(admitted)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_has_extras_that_exist_and_the_version_of_the_project() -> None:
    extras = re.search(r"^ARG EXTRAS=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert extras is not None
    assert set(extras[1].split(",")) <= set(PROJECT["project"]["optional-dependencies"])
    version = PROJECT["project"]["version"]
    assert base()["x-antiphon"]["image"] == f"antiphon:{version}"
    images = read(DEPLOY / "kubernetes/kustomization.yaml")["images"]
    assert images[0]["newTag"] == version


def test_no_image_floats_with_the_latest_release() -> None:
    images = [
        service.get("image", "")
        for path in (DEPLOY / "compose.yaml", *OVERLAYS)
        for service in read(path)["services"].values()
        if service
    ]
    named = [image for image in images if image]
    assert len(named) > 10
    assert [image for image in named if ":" not in image or image.endswith(":latest")] == []
