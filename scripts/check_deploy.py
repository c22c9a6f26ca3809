"""Holds the files of deploy/ against the programs that will read them, without an engine, a cluster or a network.

    python scripts/check_deploy.py       after  pip install -c constraints.txt --group deploy

Docker Compose itself reads its files, alone and with each overlay; hadolint the Dockerfile; every manifest is held
against the schema of its kind; Prometheus' promtool, where there is one, reads its configuration. Of the image, our own
wheel is made from what the Dockerfile copies. What these files say of Antiphon itself, tests/tree/test_deploy_files.py
checks.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
TOOLS = Path(sys.executable).parent
LONGEST_S = 300.0
"Seconds that a judge may take; alone on a machine the slowest takes ten."
OVERLAYS = ([], ["langfuse"], ["supabase"], ["langfuse", "supabase"])


def passes(name: str, *command: str | Path, environment: dict[str, str] | None = None) -> bool:
    """The command ends well, within `LONGEST_S`. What it has to say is printed if it does not."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
        )
    except subprocess.TimeoutExpired:
        print(f"BAD  {name}: not done within {LONGEST_S:g} s", flush=True)
        return False
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


def wheel(folder: Path) -> bool:
    """What the first stage of the image copies is enough for our wheel, and the wheel has all that is not Python."""
    copied = re.findall(
        r"^COPY (?!--)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    source = folder / "source"
    source.mkdir()
    for name in " ".join(copied).split():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source]
    if not passes("wheel of the image", *command):
        return False
    with zipfile.ZipFile(next(folder.glob("antiphon-*.whl"))) as made:
        packed = {name for name in made.namelist() if name.startswith("antiphon/")}
    kept = subprocess.check_output(["git", "ls-files", "src/antiphon"], cwd=ROOT, text=True).splitlines()
    missing = sorted({name.removeprefix("src/") for name in kept} - packed)
    if missing:
        print(f"BAD  not in the wheel: {', '.join(missing)}")
    return not missing


def main() -> int:
    manifests = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    with tempfile.TemporaryDirectory() as folder:
        judged = [*compose(Path(folder)), wheel(Path(folder))]
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
