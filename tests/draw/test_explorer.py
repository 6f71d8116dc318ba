"""JSON for Model Explorer: every layer and edge, in the shape of its own dataclasses."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from cnnspec.draw import draw
from cnnspec.draw.writers.explorer import write_json
from cnnspec.ir import graph


def graph_builder() -> Any:
    """Model Explorer's own description of its format, without the server that it comes with."""
    package = importlib.util.find_spec("model_explorer")
    if package is None or not package.submodule_search_locations:
        pytest.skip("needs ai-edge-model-explorer, in the dev group")
    path = Path(package.submodule_search_locations[0]) / "graph_builder.py"
    spec = importlib.util.spec_from_file_location("graph_builder", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["graph_builder"] = module
    spec.loader.exec_module(module)
    return module


def fits(kind: Any, data: object) -> bool:
    """Whether data is what a type says; unknown and missing keys are faults."""
    if dataclasses.is_dataclass(kind):
        assert isinstance(data, dict)
        hints = get_type_hints(kind)
        assert set(data) <= set(hints), set(data) - set(hints)
        kind(**data)  # type: ignore[operator]
        return all(fits(hints[key], value) for key, value in data.items())
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return any(fits(one, data) for one in inner if isinstance(data, dict) == _takes(one))
    if origin is list:
        return isinstance(data, list) and all(fits(inner[0], one) for one in data)
    if origin is dict:
        assert isinstance(data, dict)
        return all(fits(inner[0], k) and fits(inner[1], v) for k, v in data.items())
    return isinstance(data, kind)


def _takes(kind: Any) -> bool:
    """Whether a type is written as an object."""
    return dataclasses.is_dataclass(kind) or get_origin(kind) is dict


@pytest.mark.parametrize("name", ["lenet5", "googlenet", "densenet_40_12"])
def test_it_is_a_collection_of_model_explorer(spec: Any, name: str) -> None:
    builder = graph_builder()
    data = json.loads(write_json([spec(name).net]))
    assert fits(builder.GraphCollection, data)
    data["graphs"][0]["nodes"][3]["incomingEdges"][0]["source"] = "2"
    with pytest.raises(AssertionError, match="source"):
        fits(builder.GraphCollection, data)


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_every_layer_and_edge(spec: Any, name: str) -> None:
    net = spec(name).net
    nodes = json.loads(write_json([net]))["graphs"][0]["nodes"]
    known = graph(net).nodes
    assert [node["id"] for node in nodes] == [str(node.index) for node in known]
    for node, layer in zip(nodes, known, strict=True):
        sources = [int(edge["sourceNodeId"]) for edge in node["incomingEdges"]]
        assert sources == list(layer.inputs)
        assert "/".join(layer.path.split(".")[:-1]) == node["namespace"]


def test_blocks_say_what_they_cost(spec: Any) -> None:
    (drawn,) = json.loads(write_json([spec("resnet18").net]))["graphs"]
    assert drawn["groupNodeAttributes"][""]["params"] == "11,689,512"
    assert drawn["groupNodeAttributes"]["layer1/0"]["params"] == "73,984"
    spaces = {node["namespace"] for node in drawn["nodes"]} | {"layer1"}
    assert spaces <= set(drawn["groupNodeAttributes"])


def test_it_is_a_format(spec: Any, tmp_path: Path) -> None:
    assert draw([spec("lenet5")], tmp_path / "a.json") == "json for Model Explorer"
