"""One numbering for the parser's tables: lark's own depends on where objects lie in memory."""

from __future__ import annotations

from typing import Any


def canonical(data: dict[str, Any]) -> dict[str, Any]:
    """Give lark's serialised grammar tokens in the order of the alphabet and states as reached."""
    table = data["parser"]["parser"]
    names = table["tokens"]
    tokens = {old: new for new, old in enumerate(sorted(names, key=names.__getitem__))}
    states = _reached(table, tokens)
    numbered = {
        "tokens": {tokens[old]: name for old, name in names.items()},
        "states": {
            states[old]: {tokens[t]: _moved(action, states) for t, action in actions.items()}
            for old, actions in table["states"].items()
        },
        "start_states": {name: states[old] for name, old in table["start_states"].items()},
        "end_states": {name: states[old] for name, old in table["end_states"].items()},
    }
    parser = data["parser"] | {"parser": table | numbered}
    return data | {"parser": parser, "options": data["options"] | {"strict": False}}


def _reached(table: dict[str, Any], tokens: dict[int, int]) -> dict[int, int]:
    """Old number of a state -> new, in the order in which the start states lead to them."""
    waiting = [table["start_states"][name] for name in sorted(table["start_states"])]
    states: dict[int, int] = {}
    for state in waiting:
        if state in states:
            continue
        states[state] = len(states)
        actions = table["states"][state]
        waiting += [
            actions[t][1] for t in sorted(actions, key=tokens.__getitem__) if _shifts(actions[t])
        ]
    return states


def _shifts(action: tuple[int, Any]) -> bool:
    """A shift leads to a state; a reduction names a rule."""
    return action[0] == 0


def _moved(action: tuple[int, Any], states: dict[int, int]) -> tuple[int, Any]:
    return (0, states[action[1]]) if _shifts(action) else action
