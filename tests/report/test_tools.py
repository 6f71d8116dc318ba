"""Diagnostics as data: concise, GitHub, JSON, SARIF."""

from cnnspec.report.check import check_json
from cnnspec.report.diagnostics import concise, github
from cnnspec.report.sarif import log


def test_concise(stride_one):
    assert concise([stride_one]) == "net.cnn:2:11: warning[W0203]: maxpool 2x2 has stride 1\n"


def test_github(stride_one):
    assert github([stride_one]) == (
        "::warning file=net.cnn,line=2,endLine=2,col=11,endColumn=14,title=W0203::"
        "maxpool 2x2 has stride 1\n"
    )


def test_json_has_the_contract_shape(windows_do_not_fit):
    data = check_json([windows_do_not_fit], [])
    (found,) = data["diagnostics"]
    assert data["schema"] == "cnnspec.check/1"
    assert list(found) == [
        "code", "severity", "message", "file", "span", "labels", "notes", "help", "fixes",
    ]  # fmt: skip
    assert found["span"] == {"start": {"line": 12, "column": 3}, "end": {"line": 12, "column": 19}}
    assert found["labels"][0] == {
        "message": "224 comes from here",
        "file": "specs/alexnet.cnn",
        "span": {"start": {"line": 9, "column": 9}, "end": {"line": 9, "column": 18}},
    }


def test_columns_count_code_points(hidden_character):
    (found,) = check_json([hidden_character], [])["diagnostics"]
    assert found["span"]["start"] == {"line": 2, "column": 9}


def test_sarif(windows_do_not_fit, stride_one):
    run = log([windows_do_not_fit, stride_one, stride_one], "1.0")["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E0301", "W0203"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 1]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "warning"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 12, "startColumn": 3, "endLine": 12, "endColumn": 19}
    assert len(run["results"][0]["relatedLocations"]) == 2
