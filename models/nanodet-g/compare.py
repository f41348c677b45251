#!/usr/bin/env python3
"""Compares the int8 model with the float one on traffic clips: same boxes, how much quicker.

A box of the float model counts as found if the int8 model has one of the same class at the same
score threshold with an overlap (IoU) of at least a half. Recall is the share of the float model's
boxes that int8 finds, precision the share of int8's boxes that the float model has. "kept" is the
recall of boxes from 0.35 when int8 may answer from 0.2: what a two-stage tracker loses.

    compare.py SOURCES_DIR CLIPS_DIR [--size 640x384 ...]    (needs requirements-calibrate.txt)
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from build import build
from calibrate import clip_frames, letterbox

FRAMES_PER_CLIP = 8
CLASSES = {"person": 0, "motorbike": 3, "car": 2}
LOW, HIGH = 0.2, 0.35
SUPPRESSION_IOU = 0.55
MATCH_IOU = 0.5
TIMED_RUNS = 20

Boxes = tuple[np.ndarray, np.ndarray]


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """One thread, as in the product."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """IoU of each box of one list with each of the other."""
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.clip(bottom_right - top_left, 0, None).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (first, second)]
    return common / (areas[0][:, None] + areas[1][None] - common + 1e-9)


def detect(network: onnxruntime.InferenceSession, images: np.ndarray) -> dict[str, Boxes]:
    """Boxes and scores of each class from LOW on, doubles suppressed."""
    boxes, scores = (output[0] for output in network.run(["boxes", "scores"], {"images": images}))
    found: dict[str, Boxes] = {}
    for name, index in CLASSES.items():
        order = np.argsort(-scores[:, index], kind="stable")
        order = order[scores[order, index] >= LOW]
        kept: list[int] = []
        for candidate in order:
            if not kept or overlaps(boxes[[candidate]], boxes[kept]).max() < SUPPRESSION_IOU:
                kept.append(int(candidate))
        found[name] = (boxes[kept], scores[kept, index])
    return found


def matches(wanted: np.ndarray, offered: np.ndarray) -> int:
    """Greedy one-to-one matches from the best overlap down."""
    if not len(wanted) or not len(offered):
        return 0
    table = overlaps(wanted, offered)
    count = 0
    while table.max() >= MATCH_IOU:
        row, column = np.unravel_index(table.argmax(), table.shape)
        table[row], table[:, column] = -1, -1
        count += 1
    return count


def agreement(exact: list, quantised: list, name: str, threshold: float, answer: float) -> float:
    """Share of `exact`'s boxes from `threshold` that `quantised` has from `answer`."""
    hits = total = 0
    for one, other in zip(exact, quantised, strict=True):
        wanted = one[name][0][one[name][1] >= threshold]
        hits += matches(wanted, other[name][0][other[name][1] >= answer])
        total += len(wanted)
    return hits / total if total else float("nan")


def cpu_ms(network: onnxruntime.InferenceSession, images: np.ndarray) -> float:
    """Least CPU milliseconds of one inference: other programs on the machine do not count."""
    times = []
    for _ in range(TIMED_RUNS):
        started = time.process_time()
        network.run(None, {"images": images})
        times.append(time.process_time() - started)
    return min(times) * 1000


def compare(sources: Path, frames: list[np.ndarray], size: str) -> None:
    """Prints one row for each class and one for the times."""
    width, height = (int(side) for side in size.split("x"))
    inputs = [letterbox(frame, width, height) for frame in frames]
    exact_network = session(build(sources, width, height, "fp32"))
    network = session(build(sources, width, height, "int8"))
    exact = [detect(exact_network, images) for images in inputs]
    quantised = [detect(network, images) for images in inputs]
    for name in CLASSES:
        boxes = sum(len(found[name][0]) for found in exact)
        row = f"{size} {name:9s} boxes {boxes:5d}"
        for threshold in (LOW, HIGH):
            recall = agreement(exact, quantised, name, threshold, threshold)
            precision = agreement(quantised, exact, name, threshold, threshold)
            row += f"  @{threshold} recall {recall:.3f} precision {precision:.3f}"
        print(row + f"  kept {agreement(exact, quantised, name, HIGH, LOW):.3f}", flush=True)
    slow, quick = cpu_ms(exact_network, inputs[0]), cpu_ms(network, inputs[0])
    print(f"{size} fp32 {slow:.1f} ms, int8 {quick:.1f} ms, {slow / quick:.2f} times as quick")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="int8 against float on traffic clips")
    parser.add_argument("sources", type=Path, help="folder with nanodet.json and nanodet.bin")
    parser.add_argument("clips", type=Path, help="folder with mp4 clips")
    parser.add_argument("--size", nargs="+", default=["640x384"])
    arguments = parser.parse_args()
    frames = [
        frame
        for clip in sorted(arguments.clips.glob("*.mp4"))
        for frame in clip_frames(clip, FRAMES_PER_CLIP)
    ]
    if not frames:
        raise SystemExit(f"{arguments.clips}: no mp4 clips")
    for size in arguments.size:
        compare(arguments.sources, frames, size)


if __name__ == "__main__":
    main()
