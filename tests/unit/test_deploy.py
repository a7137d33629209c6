"""What is in deploy/: every file is read, and each setting, command, path and metric that it names exists."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from hub import web
from hub.commands import build
from hub.commands._settings import SECTIONS, SETTINGS
from hub.config import parse
from hub.events import EVENTS
from hub.running import metrics_page

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "edochub"
PAGES = (ROOT / "docs" / "from-laptop-to-province.md", ROOT / "docs" / "running.md")
UNITS = sorted(DEPLOY.glob("systemd/*.service")) + sorted(DEPLOY.glob("systemd/*.timer"))

# An action of a Helm template: the few that ours have.
ACTION = re.compile(r"\{\{(-?)\s*(.*?)\s*(-?)\}\}", re.DOTALL)


def lookup(path: str, context: dict[str, Any]) -> Any:
    found: Any = context
    for name in path.lstrip(".").split("."):
        assert name in found, f"{path} is not in values.yaml"
        found = found[name]
    return found


def evaluated(expression: str, context: dict[str, Any]) -> str:
    source, *pipes = [part.strip() for part in expression.split("|")]
    as_yaml = source.startswith("toYaml ")
    value = lookup(source.removeprefix("toYaml ").strip(), context)
    text = yaml.safe_dump(value).rstrip() if as_yaml else str(value)
    for pipe in pipes:
        name, *arguments = pipe.split()
        if name == "quote":
            text = f'"{text}"'
        else:
            assert name == "nindent", pipe
            text = "\n" + "\n".join(" " * int(arguments[0]) + line for line in text.splitlines())
    return text


def holds(condition: str, context: dict[str, Any]) -> bool:
    """Tell whether the condition of an `if` is true: a value, or `not (or A B)`."""
    neither = re.fullmatch(r"not \(or (\S+) (\S+)\)", condition)
    if neither:
        return not any([lookup(path, context) for path in neither.groups()])
    return bool(lookup(condition, context))


def rendered(template: str, context: dict[str, Any]) -> str:
    """Render what our templates use of Helm: values, quote, toYaml with nindent, if and else, fail."""
    made: list[str] = []
    shown = [True]
    position = 0
    for action in ACTION.finditer(template):
        before = template[position : action.start()]
        position = action.end()
        if shown[-1]:
            made.append(before.rstrip() if action[1] else before)
        word, _, rest = action[2].partition(" ")
        if word == "if":
            shown.append(shown[-1] and holds(rest, context))
        elif word == "else":
            shown[-1] = shown[-2] and not shown[-1]
        elif word == "end":
            shown.pop()
        elif word == "fail" and shown[-1]:
            raise ValueError(rest)
        elif shown[-1]:
            made.append(evaluated(action[2], context))
    made.append(template[position:])
    assert shown == [True], "an if without its end"
    return "".join(made)


CLAIM = {"claim": "goi-tin", "inBucket": False}


def values(**changes: Any) -> dict[str, Any]:
    chosen = (
        yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")) | {"payloads": CLAIM} | changes
    )
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    return {"Values": chosen, "Release": {"Name": "truc"}, "Chart": {"Name": chart["name"]}}


def manifests(context: dict[str, Any]) -> dict[str, Any]:
    made = {}
    for template in sorted(CHART.glob("templates/*.yaml")):
        for each in yaml.safe_load_all(rendered(template.read_text(encoding="utf-8"), context)):
            if each is not None:
                made[each["kind"]] = each
    return made


def commands(group: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    yield name, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for each in group.list_commands(context):
            found = group.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}".strip())


KNOWN = dict(commands(build()))


def check_command(words: list[str]) -> None:
    """Fail unless these are a command, its options and arguments."""
    name: list[str] = []
    while words and " ".join([*name, words[0]]) in KNOWN:
        name.append(words.pop(0))
    assert name, f"edochub {' '.join(words)}"
    known = {declared for each in KNOWN[" ".join(name)].params for declared in each.opts}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in known | {"--help"}, f"edochub {' '.join(name)} {word}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_of_systemd_is_read_and_hardened(unit: Path) -> None:
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text(encoding="utf-8"))
    if unit.suffix == ".timer":
        assert "OnCalendar" in read["Timer"]
        return
    service = read["Service"]
    program, *words = service["ExecStart"].split()
    assert Path(program).name == "edochub"
    check_command(words)
    assert service["User"] == "edochub"
    for wanted in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "ProtectKernelModules"):
        assert service[wanted] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_the_settings_for_compose_are_settings() -> None:
    raw = tomllib.loads((DEPLOY / "compose" / "edochub.toml.example").read_text(encoding="utf-8"))
    config = parse(raw, DEPLOY)
    assert not config.embedded
    composed = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    hub = composed["services"]["hub"]
    assert f"{config.server.port}:{config.server.port}" in hub["ports"]
    assert (ROOT / hub["build"]["dockerfile"]).is_file()
    check_command(list(hub["command"]))
    for host in (config.storage.database.rpartition("@")[2], config.broker.url.rpartition("@")[2]):
        assert host.partition("/")[0] in composed["services"]
    volumes = {
        volume.partition(":")[0] for each in composed["services"].values() for volume in each["volumes"]
    }
    assert {volume for volume in volumes if not volume.startswith(".")} == set(composed["volumes"])


def test_no_secret_is_shipped() -> None:
    shipped = (DEPLOY / "compose" / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"=(.+)", shipped) == []
    settings = (DEPLOY / "compose" / "edochub.toml.example").read_text(encoding="utf-8")
    assert set(re.findall(r"://edochub:([^@]+)@", settings)) == {"WRITE-YOUR-OWN"}


def test_the_container_runs_the_hub_as_nobody_special() -> None:
    lines = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8").splitlines()
    told = [line.split(maxsplit=1) for line in lines if re.match(r"[A-Z]+ ", line)]
    assert ["USER", "10001"] in told
    assert ["ENTRYPOINT", '["edochub"]'] in told
    [command] = [yaml.safe_load(rest) for word, rest in told if word == "CMD"]
    check_command(command)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    [asked] = re.findall(r'"\.\[([\w,]+)\]"', "\n".join(lines))
    assert set(asked.split(",")) <= set(extras)


def test_the_chart_renders_and_its_parts_fit_together() -> None:
    made = manifests(values())
    assert set(made) == {"Deployment", "Service", "PodDisruptionBudget", "CronJob"}
    pod = made["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    for selector in (
        made["Deployment"]["spec"]["selector"]["matchLabels"],
        made["Service"]["spec"]["selector"],
        made["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    [hub] = pod["spec"]["containers"]
    check_command(list(hub["args"]))
    [backup] = made["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    check_command(list(backup["args"]))
    for spec, container in (
        (pod["spec"], hub),
        (made["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"], backup),
    ):
        assert spec["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        mounted = {each["name"] for each in container["volumeMounts"]}
        assert mounted == {each["name"] for each in spec["volumes"]}
    names = {each["name"] for each in hub["ports"]}
    assert made["Service"]["spec"]["ports"][0]["targetPort"] in names
    served = {route for route in web._own(None, [])}  # type: ignore[arg-type]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert hub[probe]["httpGet"]["path"] in served
        assert hub[probe]["httpGet"]["port"] in names


def test_the_chart_renders_with_what_is_off_by_default() -> None:
    made = manifests(values(trustConfigMap="tin-cay"))
    pod = made["Deployment"]["spec"]["template"]["spec"]
    backed_up = made["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert {"name": "trust", "configMap": {"name": "tin-cay"}} in backed_up["volumes"]
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert volumes["payloads"]["persistentVolumeClaim"]["claimName"] == "goi-tin"
    assert "emptyDir" not in volumes["payloads"]
    assert volumes["trust"]["configMap"]["name"] == "tin-cay"
    [first] = pod["initContainers"]
    assert {each["name"] for each in first["volumeMounts"]} <= set(volumes)
    off = {"podDisruptionBudget": {"enabled": False}, "backup": {"enabled": False}}
    assert set(manifests(values(**off))) == {"Deployment", "Service"}


def test_the_chart_keeps_large_packages_where_they_outlive_a_pod() -> None:
    nowhere = {"claim": "", "inBucket": False}
    with pytest.raises(ValueError, match=r"payloads\.claim"):
        manifests(values(payloads=nowhere))
    pod = manifests(values(payloads=nowhere | {"inBucket": True}))["Deployment"]["spec"]["template"]["spec"]
    assert {"name": "payloads", "emptyDir": {}} in pod["volumes"]


def test_the_container_has_the_tools_of_the_database_that_compose_names() -> None:
    """pg_dump refuses a server that is newer, and what a newer one wrote is not to be restored to an older."""
    debian = {"bookworm": "15", "trixie": "17"}
    lines = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    [release] = set(re.findall(r"^FROM \S+:\S+-slim-(\w+)", lines, re.MULTILINE))
    composed = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    assert composed["services"]["database"]["image"].rpartition(":")[2] == debian[release]


def test_nothing_but_what_is_installed_gets_into_the_image() -> None:
    folder = DEPLOY / "container"
    ignored = (folder / "Containerfile.containerignore").read_text(encoding="utf-8")
    assert (folder / "Containerfile.dockerignore").read_text(
        encoding="utf-8"
    ) == ignored  # Docker's name for it
    lines = [line for line in ignored.splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    taken = {line.removeprefix("!") for line in lines if line.startswith("!")}
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {each.rstrip("*") for each in packed["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert taken == folders | {"cli.py", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"}
    assert all((ROOT / each).exists() for each in taken)


def test_the_rules_for_prometheus_ask_for_metrics_that_exist() -> None:
    read = yaml.safe_load((DEPLOY / "prometheus" / "edochub.rules.yaml").read_text(encoding="utf-8"))
    rules = [rule for group in read["groups"] for rule in group["rules"]]
    assert len(rules) > 4
    named = {name for rule in rules for name in re.findall(r"edochub_\w+", rule["expr"])}
    assert named <= metrics_page.names()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_names_commands_settings_metrics_and_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    asked = re.findall(
        r"(?:^\s*(?:\$ |sudo -u edochub )?|`|“)edochub ([a-z][^`”\n#|&>]*)", text, re.MULTILINE
    )
    assert asked
    for words in asked:
        check_command(words.split())
    dotted = set(re.findall(r"`([a-z]+\.[a-z_]+)(?: = [^`]*)?`", text))
    named = {each for each in dotted if each.partition(".")[0] in SECTIONS} - set(EVENTS)
    assert named <= set(SETTINGS), named - set(SETTINGS)
    assert set(re.findall(r"`\[([a-z]+)\]`", text)) <= set(SECTIONS)
    assert set(re.findall(r"edochub_[a-z_]+", text)) <= metrics_page.names()
    for file in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / file).exists(), file
    for file in re.findall(r"`(deploy/[^`*]+)`", text):
        assert (ROOT / file).exists(), file
