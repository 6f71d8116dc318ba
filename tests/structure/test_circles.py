"""No file imports itself by way of others, whatever the import is for (types, inside functions)."""

import networkx as nx

from tests.structure.source import imported, modules


def circles(edges: list[tuple[str, str]]) -> list[set[str]]:
    found = nx.strongly_connected_components(nx.DiGraph(edges))
    return [names for names in found if len(names) > 1]


def test_a_circle_is_found():
    assert circles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]) == [{"a", "b", "c"}]


def test_no_file_imports_itself_by_way_of_others():
    known = modules()
    edges = [(name, other) for name in known for other in imported(known[name], known)]
    assert len(edges) > 1000
    stray = [sorted(names) for names in circles([edge for edge in edges if edge[0] != edge[1]])]
    assert stray == []
