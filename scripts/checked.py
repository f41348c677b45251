"""Checked downloads: what is fetched is compared with a pinned SHA-256 before it is put in place.

Shared by `models/fetch.py` and `scripts/footage.py`; the standard library alone. Packages come
through their registries' own clients (npm, pip, cargo). A file appears under its final name only
when it is whole and right: it is written beside it and renamed. Every failure says which file,
what was expected, what was found and what to do.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20


class FetchError(Exception):
    """A download that failed or is not what it should be; the message says what to do."""


@dataclass(frozen=True)
class Archive:
    """A package of a registry, pinned."""

    registry: str
    package: str
    version: str
    sha256: str

    @property
    def title(self) -> str:
        """How the package is named in messages."""
        return f"{self.registry} package {self.package} {self.version}"


@dataclass(frozen=True)
class Member:
    """One file inside an archive. A path `a.zip!/b` is the file b inside the zip a."""

    path: str
    sha256: str
    target: Path


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_right(path: Path, sha256: str) -> bool:
    """Whether the file is there with the pinned content."""
    return path.is_file() and sha256_of(path) == sha256


def require(path: Path, sha256: str, what: str) -> None:
    """Raises FetchError unless the file has the pinned content."""
    found = sha256_of(path)
    if found != sha256:
        raise FetchError(
            f"{what} is not the file that giaolo was checked with\n"
            f"  expected sha256 {sha256}\n"
            f"  found    sha256 {found}\n"
            "  nothing was installed from it; run the command again, and if the same checksum is"
            " found once more, the download is altered on its way or at its source: do not use it,"
            " and report both checksums"
        )


def place(source: Path, target: Path, sha256: str, what: str) -> None:
    """Checks `source` and puts it at `target` in one step, so that no half file is ever seen."""
    require(source, sha256, what)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as data:
            shutil.copyfileobj(data, out, CHUNK)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def run_client(command: list[str], folder: Path, what: str) -> None:
    """Runs a registry's client. What it said is in the error if it fails."""
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise FetchError(
            f"{what}: {command[0]} is not installed; run scripts/setup.sh, which installs it"
        ) from error
    if result.returncode != 0:
        words = (result.stderr.strip() or result.stdout.strip()).splitlines()[:12]
        raise FetchError(
            f"{what}: the download failed ({command[0]} ended with {result.returncode})\n"
            + "".join(f"  {line}\n" for line in words)
            + "  check the network, a proxy's settings and the disk's free space, then run again"
        )


def npm_pack(archive: Archive, folder: Path, _python: str) -> Path:
    """The package's tarball."""
    name = f"{archive.package}@{archive.version}"
    run_client(["npm", "pack", "--loglevel=error", name], folder, archive.title)
    return only_file(folder, "*.tgz", archive)


def pip_source(archive: Archive, folder: Path, python: str) -> Path:
    """The package's source archive.

    pip prepares a source package's metadata even to download it; `python` is the project's
    virtual environment, where the pinned build tools for that are.
    """
    pinned = folder / "requirements.txt"
    pinned.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--no-binary", archive.package, "--require-hashes", "-r", str(pinned)]
    run_client(command, folder, archive.title)
    return only_file(folder, "*.tar.gz", archive)


def pip_wheel(archive: Archive, folder: Path, python: str) -> Path:
    """The package's wheel, as data: it is never installed."""
    pinned = folder / "requirements.txt"
    pinned.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", archive.package, "--require-hashes", "-r", str(pinned)]
    run_client(command, folder, archive.title)
    return only_file(folder, "*.whl", archive)


def cargo_crate(archive: Archive, folder: Path, _python: str) -> Path:
    """The crate's archive, out of a throw-away project's own cargo home."""
    manifest = (
        '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n'
        f'[dependencies]\n{archive.package} = "={archive.version}"\n'
    )
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()
    (folder / "Cargo.toml").write_text(manifest)
    home = f"CARGO_HOME={folder / 'home'}"
    run_client(["env", home, "cargo", "fetch", "--quiet"], folder, archive.title)
    return only_file(folder, f"home/registry/cache/*/{archive.package}-*.crate", archive)


def only_file(folder: Path, pattern: str, archive: Archive) -> Path:
    """The one file that the client left."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise FetchError(f"{archive.title}: the client left {len(found)} files {pattern}, not one")
    return found[0]


CLIENTS: dict[str, Callable[[Archive, Path, str], Path]] = {
    "npm": npm_pack,
    "pypi": pip_source,
    "pypi-wheel": pip_wheel,
    "crates": cargo_crate,
}


def unpack(archive_path: Path, member: str, folder: Path) -> Path:
    """One file out of a tar archive or a wheel (or of a zip in it), streamed: no path is trusted."""
    outer, _, inner = member.partition("!/")
    out = folder / "member"
    try:
        if archive_path.suffix == ".whl":
            unzip(archive_path, outer, out)
        else:
            untar(archive_path, outer, out)
        if inner:
            unzip(out.rename(folder / "member.zip"), inner, out)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise FetchError(f"{archive_path.name}: {member} cannot be read: {error}") from error
    return out


def unzip(archive_path: Path, member: str, out: Path) -> None:
    """Writes one member of a zip archive to `out`."""
    with zipfile.ZipFile(archive_path) as box, box.open(member) as data, out.open("wb") as target:
        shutil.copyfileobj(data, target, CHUNK)


def untar(archive_path: Path, member: str, out: Path) -> None:
    """Writes one member of a tar archive to `out`."""
    with tarfile.open(archive_path) as tar:
        stream = tar.extractfile(member)
        if stream is None:
            raise FetchError(f"{archive_path.name}: {member} is not a file")
        with stream, out.open("wb") as target:
            shutil.copyfileobj(stream, target, CHUNK)


def fetch_members(archive: Archive, members: list[Member], python: str) -> None:
    """Puts each member in its place; downloads only if one is missing or wrong."""
    missing = [member for member in members if not is_right(member.target, member.sha256)]
    if not missing:
        return
    client = CLIENTS.get(archive.registry)
    if client is None:
        known = ", ".join(sorted(CLIENTS))
        raise FetchError(f"{archive.title}: unknown registry, must be one of {known}")
    print(f"fetching {archive.title}", flush=True)
    with tempfile.TemporaryDirectory(prefix="giaolo-fetch-") as name:
        folder = Path(name)
        path = client(archive, folder, python)
        require(path, archive.sha256, f"{archive.title} ({path.name})")
        for member in missing:
            part = unpack(path, member.path, folder)
            place(part, member.target, member.sha256, f"{member.path} of {archive.title}")
