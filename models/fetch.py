#!/usr/bin/env python3
"""Fetches, converts and checks the models of the registry (`models/*.toml`).

    fetch.py [NAME] [--size WxH] [--precision P] [--accept-licence ID]

Without a name: every model of `models/` (the optional ones only by name). A file that is there
with the right checksum is left alone, so that a repeated run takes a fraction of a second. Each
new file is made in a temporary folder, compared with the checksum that the registry pins, and put
in place by a rename. Ends with 1 and a plain sentence if anything is not as it should be.

Sources and conversion stand in `models/NAME/recipe.toml`. A model without a recipe is one that
somebody puts into `var/models` by hand; for it this only checks.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from checked import (  # noqa: E402
    Archive,
    FetchError,
    Member,
    fetch_members,
    is_right,
    place,
    require,
)


@dataclass(frozen=True)
class Layout:
    """The folders this works with; tests give their own."""

    registry: Path
    models: Path
    cache: Path
    python: Path

    @classmethod
    def of(cls, root: Path) -> Layout:
        """The layout of a checkout."""
        var = root / "var"
        return cls(root / "models", var / "models", var / "cache", var / "venv/bin/python")


def read_toml(path: Path) -> dict:
    """A TOML file, with its name in the error."""
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FetchError(f"{path}: cannot be read: {error}") from error


def find_entries(layout: Layout, name: str | None) -> list[tuple[Path, dict]]:
    """The registry's entries to fetch: all, or the named one, optional ones included."""
    paths = sorted(layout.registry.glob("*.toml"))
    if name is not None:
        paths += sorted(layout.registry.glob("optional/*.toml"))
    entries = [(path, read_toml(path)) for path in paths]
    if name is None:
        return entries
    named = [(path, entry) for path, entry in entries if entry.get("name") == name]
    if not named:
        known = ", ".join(str(entry.get("name")) for _, entry in entries)
        raise FetchError(f"no model {name} in {layout.registry}; known are {known}")
    return named


def check_licence(path: Path, entry: dict, accepted: str | None) -> None:
    """A licence that obliges must be accepted by its name."""
    needed = entry.get("accept_licence")
    if needed is not None and accepted != needed:
        raise FetchError(
            f"{path}: {entry['name']} is under {entry['licence']}, which obliges whoever offers it"
            f" as a service; fetch it with --accept-licence {needed} if that is understood"
        )


def wanted_files(
    path: Path, entry: dict, size: list[int] | None, precision: str | None
) -> list[dict]:
    """The entry's files of that size and precision."""
    files = [
        file
        for file in entry.get("files", [])
        # A file without a size takes any.
        if size in (None, file.get("size", size)) and precision in (None, file["precision"])
    ]
    if not files:
        have = ", ".join(variant(file) for file in entry.get("files", []))
        raise FetchError(f"{path}: no file of that size and precision; there are {have or 'none'}")
    return files


def variant(file: dict) -> str:
    """Size and precision of a file, for people."""
    size = file.get("size")
    return f"{f'{size[0]}x{size[1]}' if size else 'any size'} {file['precision']}"


def read_recipe(layout: Layout, name: str) -> tuple[Archive, list[Member], str | None] | None:
    """Where the model comes from, or None for one that is put in place by hand."""
    path = layout.registry / name / "recipe.toml"
    if not path.exists():
        return None
    recipe = read_toml(path)
    try:
        archive = Archive(**recipe["archive"])
        members = [
            Member(member["path"], member["sha256"], layout.cache / name / member["name"])
            for member in recipe["members"]
        ]
    except (KeyError, TypeError) as error:
        raise FetchError(f"{path}: {error}; see models/nanodet-g/recipe.toml") from error
    return archive, members, recipe.get("build")


def build_file(layout: Layout, name: str, script: str, file: dict, target: Path) -> None:
    """Runs the recipe's build script for one file and checks what it made."""
    if not layout.python.exists():
        raise FetchError(f"{layout.python} is missing; run scripts/setup.sh, which makes it")
    size = file.get("size")
    with tempfile.TemporaryDirectory(prefix="giaolo-build-") as folder:
        out = Path(folder) / target.name
        command = [str(layout.python), str(layout.registry / name / script)]
        command += [str(layout.cache / name), str(out)]
        command += ["--size", f"{size[0]}x{size[1]}"] if size else []
        command += ["--precision", file["precision"]]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0 or not out.exists():
            last = (result.stderr.strip().splitlines() or ["no message"])[-1]
            raise FetchError(
                f"{target.name}: the conversion failed: {last}\n"
                "  run scripts/setup.sh again: it brings back the pinned Python packages"
            )
        place(out, target, file["sha256"], f"the converted {target.name}")


def fetch_entry(layout: Layout, path: Path, entry: dict, files: list[dict]) -> None:
    """Brings the given files of one entry into `var/models`."""
    name = entry["name"]
    missing = [file for file in files if not is_right(layout.models / file["path"], file["sha256"])]
    print(f"{name}: {len(files) - len(missing)} of {len(files)} files are there and right")
    if not missing:
        return
    recipe = read_recipe(layout, name)
    if recipe is None:
        for file in missing:
            target = layout.models / file["path"]
            if not target.exists():
                raise FetchError(f"{path}: put the file {target} in place; there is no recipe")
            require(target, file["sha256"], str(target))
        return
    archive, members, script = recipe
    fetch_members(archive, members, str(layout.python))
    for file in missing:
        target = layout.models / file["path"]
        if script is None:
            source = layout.cache / name / target.name
            place(source, target, file["sha256"], f"{target.name} of {archive.title}")
        else:
            build_file(layout, name, script, file, target)
        print(f"{name}: made {file['path']}", flush=True)
    keep_licences(layout, name)


def keep_licences(layout: Layout, name: str) -> None:
    """Licence texts stay beside what was made under them."""
    for folder, text in ((layout.cache, "LICENSE"), (layout.registry, "NOTICE")):
        source = folder / name / text
        if source.exists():
            target = layout.models / name / text
            target.write_bytes(source.read_bytes())


def parse_size(text: str) -> list[int]:
    """`640x384` to [640, 384]."""
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size, write it like 640x384")
    return [int(width), int(height)]


def main(arguments: list[str] | None = None, layout: Layout | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="fetch, convert and check the models")
    parser.add_argument("name", nargs="?", help="one model; without it all that are not optional")
    parser.add_argument("--size", type=parse_size, metavar="WxH", help="only this input size")
    parser.add_argument("--precision", choices=["fp32", "int8"], help="only this precision")
    parser.add_argument("--accept-licence", metavar="ID", help="e.g. agpl-3.0")
    options = parser.parse_args(arguments)
    layout = layout or Layout.of(ROOT)
    try:
        for path, entry in find_entries(layout, options.name):
            check_licence(path, entry, options.accept_licence)
            files = wanted_files(path, entry, options.size, options.precision)
            fetch_entry(layout, path, entry, files)
    except (FetchError, OSError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
