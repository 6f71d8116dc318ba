"""`--help`: whole lines at 80 columns, commands in groups."""

import re
from importlib import import_module

import pytest

from cnnspec.cli.app import COMMANDS
from cnnspec.cli.commandline import GROUPS, HELP

OF_THE_TRAINER = ("train", "eval", "report", "reproduce")


@pytest.fixture(autouse=True)
def eighty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_13_6_commands_stand_in_groups_each_in_a_whole_line(cnnspec):
    page = cnnspec("-h").out
    assert "..." not in page.partition("Options:")[2]
    at = -1
    for heading, commands in GROUPS.items():
        at = page.index(f"\n{heading}:\n", at + 1)
        for name, line in commands.items():
            at = page.index(f"\n  {name:<9}  {line}\n", at + 1)
    assert all(len(line) <= 80 for line in page.splitlines())


def test_13_6_every_command_has_a_group_and_a_line():
    assert set(HELP) == set(COMMANDS)
    assert sum(map(len, GROUPS.values())) == len(HELP)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in OF_THE_TRAINER])
def test_13_6_the_help_of_a_command_is_whole(cnnspec, name):
    done = cnnspec(name, "--help")
    assert (done.status, done.err) == (0, "")
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert not re.search(r"\.\.\.$", done.out.partition("\n")[2], re.MULTILINE)
    said = import_module(f"cnnspec.cli.{COMMANDS[name]}").command.__doc__.split()
    assert " ".join(said) in " ".join(done.out.split())
