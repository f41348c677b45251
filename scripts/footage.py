#!/usr/bin/env python3
"""Fetches the demo footage that `datasets/footage.toml` lists into var/footage, each file checked.

    footage.py

Quick when all is there. Ends with 1 and a plain sentence if a download fails or is altered.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from checked import Archive, FetchError, Member, fetch_members

ROOT = Path(__file__).resolve().parent.parent


def read_listing(listing: Path, folder: Path) -> tuple[Archive, list[Member]]:
    """The archive and its wanted files, each with its place in `folder`."""
    try:
        content = tomllib.loads(listing.read_text())
        members = [
            Member(
                member["path"],
                member["sha256"],
                folder / member.get("name", Path(member["path"]).name),
            )
            for member in content["members"]
        ]
        return Archive(**content["archive"]), members
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise FetchError(f"{listing}: cannot be used: {error}") from error


def main(root: Path = ROOT) -> int:
    """Command line."""
    folder = root / "var/footage"
    try:
        archive, members = read_listing(root / "datasets/footage.toml", folder)
        fetch_members(archive, members, str(root / "var/venv/bin/python"))
    except (FetchError, OSError) as error:
        print(f"footage: {error}", file=sys.stderr)
        return 1
    print(f"footage: {len(members)} files in var/footage are there and right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
