"""The converter gives the documented file, and the int8 file follows from committed ranges."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "models/nanodet-g"
SOURCES = ROOT / "var/cache/nanodet-g"
sys.path.insert(0, str(MODEL))

from build import build  # noqa: E402
from convert import ALL_CLASSES, ConversionError, convert  # noqa: E402
from quantise import RangesError, prepare, quantise, read_ranges  # noqa: E402

# 640x384, all classes, a batch of one.
DOCUMENTED = "77956c5df02385cfad5f74e05b472aea7e083ca8069d36ec37aef6fc0b64b2fa"


def sha256(model) -> str:
    return hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()


def run(model, images: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(["boxes", "scores"], {"images": images})


@unittest.skipUnless(
    (SOURCES / "nanodet.bin").exists(), "SKIPPED: no var/cache/nanodet-g, run models/fetch.py"
)
class Converting(unittest.TestCase):
    def setUp(self) -> None:
        noise = np.random.RandomState(5).rand(2, 3, 96, 128).astype(np.float32)
        self.images = noise * 255

    def test_documented_checksum(self) -> None:
        model = convert(SOURCES, 640, 384, classes=ALL_CLASSES, dynamic_batch=False)
        self.assertEqual(sha256(model), DOCUMENTED)

    def test_every_file_of_the_registry_has_its_checksum(self) -> None:
        registry = tomllib.loads((ROOT / "models/nanodet-g.toml").read_text())
        for file in registry["files"]:
            with self.subTest(file["path"]):
                model = build(SOURCES, *file["size"], file["precision"])
                self.assertEqual(sha256(model), file["sha256"])
                self.assertEqual(model.ByteSize(), file["bytes"])

    def test_fewer_classes_and_a_batch_change_no_value(self) -> None:
        every = convert(SOURCES, 128, 96, classes=ALL_CLASSES, dynamic_batch=False)
        used = convert(SOURCES, 128, 96)
        boxes, scores = run(used, self.images)
        self.assertEqual(boxes.shape, (2, 252, 4))
        self.assertEqual(scores.shape, (2, 252, 8))
        for index in range(2):
            whole_boxes, whole_scores = run(every, self.images[[index]])
            np.testing.assert_allclose(boxes[index], whole_boxes[0], atol=2e-3)
            np.testing.assert_allclose(scores[index], whole_scores[0, :, :8], atol=1e-5)

    def test_preparing_for_int8_changes_no_value(self) -> None:
        model = convert(SOURCES, 128, 96)
        for before, after in zip(
            run(model, self.images), run(prepare(model), self.images), strict=True
        ):
            np.testing.assert_allclose(before, after, atol=2e-3)

    def test_int8_stays_near_float(self) -> None:
        exact_boxes, exact = run(build(SOURCES, 128, 96, "fp32"), self.images)
        near_boxes, near = run(build(SOURCES, 128, 96, "int8"), self.images)
        self.assertLess(np.abs(exact - near).mean(), 0.005)
        self.assertLess(np.abs(exact_boxes - near_boxes).mean(), 4.0)

    def test_a_size_that_does_not_fit_is_refused(self) -> None:
        for width, height in ((640, 360), (0, 32), (-32, 32)):
            with self.subTest(f"{width}x{height}"):
                with self.assertRaisesRegex(ConversionError, "multiples of 32"):
                    convert(SOURCES, width, height)

    def test_a_missing_range_is_named(self) -> None:
        ranges = read_ranges(MODEL / "ranges.json")
        ranges.pop("PartitionedCall/Add_5")
        with self.assertRaisesRegex(RangesError, "PartitionedCall/Add_5"):
            quantise(convert(SOURCES, 128, 96), ranges)

    def test_weights_that_are_cut_short_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "nanodet.json").write_bytes((SOURCES / "nanodet.json").read_bytes())
            weights = (SOURCES / "nanodet.bin").read_bytes()
            for data in (weights[:-2], weights + b"xx"):
                (folder / "nanodet.bin").write_bytes(data)
                with self.assertRaises((ConversionError, ValueError)):
                    convert(folder, 128, 96)


class Ranges(unittest.TestCase):
    def test_ranges_that_cannot_be_are_refused(self) -> None:
        cases = {
            "reversed": [1.0, -1.0],
            "empty": [0.0, 0.0],
            "without zero": [1.0, 2.0],
            "endless": [-1.0, float("inf")],
            "not a number": [float("nan"), 1.0],
        }
        for case, bounds in cases.items():
            with self.subTest(case), tempfile.TemporaryDirectory() as name:
                path = Path(name) / "ranges.json"
                path.write_text(json.dumps({"ranges": {"layer": bounds}}))
                with self.assertRaisesRegex(RangesError, "layer"):
                    read_ranges(path)


if __name__ == "__main__":
    unittest.main()
