#!/usr/bin/env python3
"""Finds the range of each activation on traffic frames and writes `ranges.json`.

Run once by the maintainers; the result is committed, so that set-up needs neither video nor this
script. The frames are those of the demo footage (`scripts/footage.py`), varied so that they also
stand for dense, near, far, dark and glaring scenes: crops and zooms, mirrored, brighter, darker,
tiled small (many small road users), noisy.

The range of a tensor is the one that loses least: of 361 candidates between a tenth and all of
what was seen, the one with the smallest mean cubed error. Cubed, because squares give up the rare
strong activations that make a detection. Where a LeakyRelu follows, the error is measured behind
it: it divides negative values by ten, so that they may be cut short in favour of positive ones.

    calibrate.py FLOAT.onnx FOOTAGE_DIR OUT.json      (needs opencv, see requirements-calibrate.txt)
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from quantise import prepare, quantised_tensors

FRAMES_PER_CLIP = 12
VARIANTS_PER_FRAME = 5
BINS = 4096
# Every third value: the histograms do not change and the run takes a third of the time.
SAMPLING = 3
ERROR_POWER = 3.0
CANDIDATES = np.linspace(0.1, 1.0, 19)
SEED = 7
PAD = 114


def clip_frames(path: Path, count: int) -> list[np.ndarray]:
    """`count` frames, evenly spread over a clip."""
    clip = cv2.VideoCapture(str(path))
    total = int(clip.get(cv2.CAP_PROP_FRAME_COUNT))
    wanted = set(np.linspace(0, total - 1, count).astype(int).tolist())
    frames = []
    for index in range(total):
        read, frame = clip.read()
        if not read:
            break
        if index in wanted:
            frames.append(frame)
    return frames


def variant(frame: np.ndarray, choice: random.Random, noise: np.random.RandomState) -> np.ndarray:
    """One frame as another camera, hour or distance would show it."""
    height, width = frame.shape[:2]
    zoom = choice.choice([1, 1, 0.75, 0.5, 0.35, 0.25])
    crop_height, crop_width = int(height * zoom), int(width * zoom)
    top = choice.randint(0, height - crop_height)
    left = choice.randint(0, width - crop_width)
    picture = frame[top : top + crop_height, left : left + crop_width]
    if choice.random() < 0.5:
        picture = picture[:, ::-1]
    gain = choice.choice([0.35, 0.6, 0.8, 1, 1, 1.2, 1.5, 1.9])
    offset = choice.choice([-20, 0, 0, 15])
    gamma = choice.choice([0.6, 1, 1, 1.5])
    picture = (picture / 255.0) ** gamma * 255 * gain + offset
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if choice.random() < 0.25:
        picture = tiled(picture, (width, height), choice)
    if choice.random() < 0.15:
        picture = np.clip(picture + noise.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(picture)


def tiled(picture: np.ndarray, size: tuple[int, int], choice: random.Random) -> np.ndarray:
    """The picture small, two or three times in each direction: many small road users."""
    times = choice.choice([2, 3])
    small_size = (size[0] // times, size[1] // times)
    small = cv2.resize(picture, small_size, interpolation=cv2.INTER_AREA)
    rows = []
    for _ in range(times):
        row = [small if choice.random() < 0.5 else small[:, ::-1] for _ in range(times)]
        rows.append(np.concatenate(row, 1))
    return np.concatenate(rows, 0)


def calibration_frames(footage: Path) -> list[np.ndarray]:
    """All frames and their variants, in a fixed order."""
    clips = sorted(footage.glob("*.mp4"))
    if not clips:
        raise SystemExit(f"{footage}: no mp4 clips; run scripts/footage.py first")
    choice, noise = random.Random(SEED), np.random.RandomState(SEED)
    frames = []
    for clip in clips:
        for frame in clip_frames(clip, FRAMES_PER_CLIP):
            frames.append(frame)
            frames += [variant(frame, choice, noise) for _ in range(VARIANTS_PER_FRAME)]
    return frames


def letterbox(frame: np.ndarray, width: int, height: int) -> np.ndarray:
    """The model's input [1, 3, H, W], RGB, with the same padding as in the product."""
    scale = min(width / frame.shape[1], height / frame.shape[0])
    inner = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
    method = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA
    canvas = np.full((height, width, 3), PAD, np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    resized = cv2.resize(frame, inner, interpolation=method)
    canvas[top : top + inner[1], left : left + inner[0]] = resized
    return np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)


class Tapped:
    """The float network with its inner tensors as outputs."""

    def __init__(self, model: onnx.ModelProto, tensors: list[str]):
        tapped = onnx.ModelProto()
        tapped.CopyFrom(model)
        for name in tensors:
            tapped.graph.output.append(
                onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            tapped.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self.tensors = tensors

    def run(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """The inner tensors for one input."""
        values = self.session.run(self.tensors, {"images": images})
        return dict(zip(self.tensors, values, strict=True))


def best_range(
    low: float, high: float, histogram: np.ndarray, slope: float | None
) -> tuple[float, float]:
    """The range of least error for values distributed as in `histogram` over [low, high].

    `slope` is that of the LeakyRelu behind, if there is one.
    """

    def seen(values: np.ndarray) -> np.ndarray:
        return values if slope is None else np.where(values < 0, values * slope, values)

    centres = low + (np.arange(BINS) + 0.5) * (high - low) / BINS
    filled = histogram > 0
    centres, weights = centres[filled], histogram[filled]
    best_error, best = np.inf, (min(low, 0.0), max(high, 0.0))
    for low_part in CANDIDATES if low < 0 else [0.0]:
        for high_part in CANDIDATES:
            bottom, top = min(low * low_part, 0.0), max(high * high_part, 0.0)
            step = (top - bottom) / 255
            if step <= 0:
                continue
            zero = round(-bottom / step)
            stored = np.clip(np.round(centres / step) + zero, 0, 255)
            error = np.abs(seen((stored - zero) * step) - seen(centres)) ** ERROR_POWER
            total = float((weights * error).sum())
            if total < best_error:
                best_error, best = total, (bottom, top)
    return best


def calibrate(model: onnx.ModelProto, frames: list[np.ndarray]) -> dict[str, tuple[float, float]]:
    """The range of every tensor that `quantise.py` will ask for."""
    model = prepare(model)
    tensors = quantised_tensors(model)
    shape = model.graph.input[0].type.tensor_type.shape.dim
    height, width = shape[2].dim_value, shape[3].dim_value
    slopes = {
        node.input[0]: node.attribute[0].f
        for node in model.graph.node
        if node.op_type == "LeakyRelu"
    }
    network = Tapped(model, tensors)
    inputs = [letterbox(frame, width, height) for frame in frames]
    lowest = dict.fromkeys(tensors, np.inf)
    highest = dict.fromkeys(tensors, -np.inf)
    for images in inputs:
        for name, values in network.run(images).items():
            lowest[name] = min(lowest[name], float(values.min()))
            highest[name] = max(highest[name], float(values.max()))
    histograms = {name: np.zeros(BINS) for name in tensors}
    for images in inputs:
        for name, values in network.run(images).items():
            span = highest[name] - lowest[name]
            bins = ((values.ravel()[::SAMPLING] - lowest[name]) * (BINS / span)).astype(np.int32)
            np.clip(bins, 0, BINS - 1, out=bins)
            histograms[name] += np.bincount(bins, minlength=BINS)
    return {
        name: best_range(lowest[name], highest[name], histograms[name], slopes.get(name))
        for name in tensors
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="activation ranges of NanoDet-g on traffic")
    parser.add_argument("float_model", type=Path)
    parser.add_argument("footage", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    frames = calibration_frames(arguments.footage)
    ranges = calibrate(onnx.load(arguments.float_model), frames)
    rounded = {
        name: [float(f"{bound:.6g}") for bound in bounds] for name, bounds in ranges.items()
    }
    about = {
        "about": "activation ranges of nanodet-g for int8, made by calibrate.py; do not edit",
        "frames": f"{len(frames)} frames from the two OTVision test clips, varied",
        "recipe": f"least mean error to the power {ERROR_POWER:g}, behind the LeakyRelu",
    }
    arguments.out.write_text(json.dumps({**about, "ranges": rounded}, indent=1) + "\n")


if __name__ == "__main__":
    main()
