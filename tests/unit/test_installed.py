"""What installed packages declare, read from the folders of their metadata."""

from __future__ import annotations

import importlib.metadata
import os
import sys

import pytest

from minidb.installed import InstalledPoint, entry_points, installed_version

TEXT = """\
# written by a build tool
[console_scripts]
tool = package.tool:main

[ minidb.extensions ]
first = os.path:join
second=os:sep [extra]
; third = os:linesep
"""


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two folders to import from, and a function that puts metadata into one of them."""
    folders = [tmp_path / "one", tmp_path / "two"]
    monkeypatch.setattr(sys, "path", [*map(str, folders), str(tmp_path / "missing"), *sys.path])

    def install(number, name, text):
        folder = folders[number] / name
        folder.mkdir(parents=True)
        (folder / "entry_points.txt").write_text(text, "utf-8")

    return install


def test_the_points_of_a_group_are_found_and_load(packages):
    packages(0, "some_package-1.0.dist-info", TEXT)
    found = [point for point in entry_points("minidb.extensions") if point.name != "nn_ops"]
    assert found == [InstalledPoint("first", "os.path:join"), InstalledPoint("second", "os:sep")]

    assert [point.load() for point in found] == [os.path.join, os.sep]


def test_the_first_folder_hides_the_same_package_in_the_next(packages):
    packages(0, "Some.Package-2.0.dist-info", "[group.of.the.test]\nnew = os:sep\n")
    packages(1, "some_package-1.0.egg-info", "[group.of.the.test]\nold = os:sep\n")
    packages(1, "other-1.0.dist-info", "[group.of.the.test]\nother = os:sep\n")
    assert [point.name for point in entry_points("group.of.the.test")] == ["new", "other"]


def test_what_no_folder_declares_the_standard_library_is_asked_for(monkeypatch):
    standard = importlib.metadata.EntryPoint("name", "os:sep", "group.of.an.archive")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [standard])
    assert entry_points("group.of.an.archive") == [InstalledPoint("name", "os:sep")]


@pytest.mark.parametrize("group", ["minidb.extensions", "minidb.commands", "console_scripts"])
def test_the_standard_library_finds_the_same(group):
    standard = importlib.metadata.entry_points(group=group)
    assert {(p.name, p.value) for p in entry_points(group)} == {(p.name, p.value) for p in standard}


def test_the_version_is_that_of_the_package_or_unknown(monkeypatch):
    assert installed_version() == importlib.metadata.version("minidb-nn")
    monkeypatch.setattr("minidb.installed.DISTRIBUTION", "no-such-package-of-this-name")
    assert installed_version() == "unknown"
