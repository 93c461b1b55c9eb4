"""Every alert has its runbook: the page that the alert names, with what whoever is woken asks, in that order."""

import re

import pytest
import yaml

from deploy.base.home import ROOT
from deploy.documents.site import listed

ALERTS = {
    rule["alert"]: rule
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
}
FOLDER = ROOT / "docs" / "runbooks"
SECTIONS = ["What it means", "What people notice", "First look", "Mend", "Whom to wake", "How it is tested"]


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_names_its_page_which_answers_in_order(alert: str) -> None:
    assert ALERTS[alert]["annotations"]["runbook"] == f"docs/runbooks/{alert}.md"
    title, _, rest = (FOLDER / f"{alert}.md").read_text().partition("\n")
    assert title == f"# {alert}"
    assert re.findall(r"(?m)^## (.+)$", rest) == SECTIONS
    sections = re.split(r"(?m)^## .+$", rest)
    assert [one for one in sections if not one.strip()] == []
    assert "tests/" in sections[-1], "how it is tested names a test"


def test_no_page_is_about_an_alert_that_is_gone_and_the_index_says_how_urgent_each_is() -> None:
    pages = {file.stem for file in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(ALERTS) == {name.removesuffix(".md") for name in listed(FOLDER / "README.md")}
    index = (FOLDER / "README.md").read_text()
    for alert, rule in ALERTS.items():
        assert f"- [{alert}]({alert}.md), {rule['labels']['severity']}: " in index
