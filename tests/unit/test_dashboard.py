"""Dashboard, rules and docs/running.md ask for metrics that exist, by labels that they have; none is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from hub import metrics
from hub.running import metrics_page

ROOT = Path(__file__).resolve().parents[2]
GIVEN_BY_PROMETHEUS = {"instance", "job"}
WORD = r"[a-zA-Z_][a-zA-Z0-9_]*"


def labels() -> dict[str, set[str]]:
    """Return the labels of everything that the page may show."""
    known = {name: set(names) for name, (_, names) in metrics_page.LOOKED_UP.items()}
    for metric in metrics.COUNTED:
        own = set(metric._labelnames)
        family = next(iter(metric.describe())).name
        known |= {family + ending: own for ending in ("_total", "_sum", "_count")}
        known[f"{family}_bucket"] = own | {"le"}
    return {name: own for name, own in known.items() if name in metrics_page.names()}


LABELS = labels()


def questions() -> list[tuple[str, str]]:
    """Return (where, query) of the dashboard and the rules; a legend goes with its query."""
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "edochub.json").read_text(encoding="utf-8"))
    rules = yaml.safe_load(
        (ROOT / "deploy" / "prometheus" / "edochub.rules.yaml").read_text(encoding="utf-8")
    )
    asked = [
        (panel["title"], f"{target['expr']} # {target.get('legendFormat', '')}")
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
    ]
    asked += [
        (each["name"], each["query"]) for each in dashboard["templating"]["list"] if each["type"] == "query"
    ]
    return asked + [
        (rule["alert"], f"{rule['expr']} # {' '.join(rule['annotations'].values())}")
        for group in rules["groups"]
        for rule in group["rules"]
    ]


def labels_asked(query: str) -> set[str]:
    """Return the labels that a query, or the legend behind it, names."""
    shown = set(re.findall(r"\{\{\s*(?:\$labels\.)?(" + WORD + r")\s*\}\}", query))
    plain = re.sub(r"\{\{.*?\}\}", "", query)
    inside = [
        name for braces in re.findall(r"\{([^}]*)\}", plain) for name in re.findall(WORD + r"(?==|!)", braces)
    ]
    groups = re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", plain)
    values = re.findall(r"label_values\([^,]+,\s*(" + WORD + r")\)", plain)
    return shown | set(inside) | set(values) | {name.strip() for group in groups for name in group.split(",")}


@pytest.mark.parametrize(("where", "query"), questions())
def test_a_question_names_a_metric_and_labels_that_it_has(where: str, query: str) -> None:
    expression = query.partition(" # ")[0]
    named = set(re.findall(r"edochub_\w+", re.sub(r'"[^"]*"', '""', expression)))
    assert named <= set(LABELS), where
    if not named:
        assert "up{" in expression
    had = set().union(*(LABELS[name] for name in named)) | GIVEN_BY_PROMETHEUS
    assert labels_asked(query) <= had, where


def test_labels_are_found_wherever_a_query_names_them() -> None:
    query = 'sum by (a, b) (rate(x{c=~"y",d!="z"}[5m])) / on (e) w # {{f}} {{ $labels.g }}'
    assert labels_asked(query) == set("abcdefg")


def test_every_metric_is_on_the_page_about_running_in_both_languages() -> None:
    text = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    vietnamese, _, english = text.partition("\n# Running for years")
    shown = {name for name in LABELS if not name.endswith(("_sum", "_count"))}
    for page in (vietnamese, english):
        assert shown == set(re.findall(r"edochub_[a-z_]+", page)) - {
            name for name in LABELS if name.endswith(("_sum", "_count"))
        }
        for name in shown:
            [row] = [line for line in page.splitlines() if f"`{name}`" in line and line.startswith("|")]
            for label in LABELS[name] - {"le"}:
                assert f"`{label}`" in row, (name, label)
