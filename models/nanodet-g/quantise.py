#!/usr/bin/env python3
"""Turns the float NanoDet-g graph into an int8 one, with activation ranges that are given.

Static quantisation in QDQ form: activations U8 per tensor, weights S8 per output channel. What
stays in float, and why:

- the normalisation, the first convolution and its pooling: with three input channels int8 is
  slower there than float;
- the second convolution: float costs 0.9 ms there, and it takes away a quarter of the noise that
  int8 adds to scores and boxes (no other layer comes near that);
- the last convolution of each head: 2 % of the work, and its outputs are scores and box edges;
- Softmax, MatMul, Sigmoid and all that decodes boxes: eight bits would be steps of 3.5 pixels.

The ranges come from `ranges.json`, which `calibrate.py` made from traffic frames and which is
committed: quantising is then plain arithmetic on the weights, so that the result has one
checksum on every machine.

    quantise.py FLOAT.onnx RANGES.json OUT.onnx
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.calibrate import CalibrationMethod, TensorData, TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

# The stem ends behind the activation of the second convolution.
STEM_ACTIVATIONS = 2
QUANTISED_OPERATORS = ["Conv", "Concat", "Add", "LeakyRelu", "Resize"]


class RangesError(Exception):
    """The ranges do not fit the graph."""


def read_ranges(path: Path) -> dict[str, tuple[float, float]]:
    """Tensor name to (lowest, highest), from `calibrate.py`."""
    ranges = json.loads(path.read_text())["ranges"]
    for name, (low, high) in ranges.items():
        if not (np.isfinite(low) and np.isfinite(high) and low <= 0 <= high and low < high):
            raise RangesError(
                f"{path}: the range of {name} is [{low}, {high}], it must hold 0 and not be empty"
            )
    return {name: (low, high) for name, (low, high) in ranges.items()}


def producer(graph: onnx.GraphProto, tensor: str) -> onnx.NodeProto:
    """The node that makes a tensor."""
    return next(node for node in graph.node if tensor in node.output)


def pool_before_activation(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which the stem pools first and then applies its LeakyRelu.

    Both are monotone, so the result is the same; a quarter of the values are left to activate,
    and ONNX Runtime no longer moves the quantisation in front of the pooling, where it would
    take the slow path.
    """
    swapped = onnx.ModelProto()
    swapped.CopyFrom(model)
    (pool,) = [node for node in swapped.graph.node if node.op_type == "MaxPool"]
    activation = producer(swapped.graph, pool.input[0])
    if activation.op_type != "LeakyRelu":
        found = activation.op_type
        raise RangesError(f"{pool.name}: expected a LeakyRelu before it, found {found}")
    first, second = onnx.NodeProto(), onnx.NodeProto()
    first.CopyFrom(pool)
    second.CopyFrom(activation)
    first.input[0] = activation.input[0]
    first.output[0] = activation.output[0]
    second.input[0] = activation.output[0]
    second.output[0] = pool.output[0]
    # In this order the two protobufs keep their places, and the graph stays sorted.
    activation.CopyFrom(first)
    pool.CopyFrom(second)
    return swapped


def fold_input_scale(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which the division by the deviation is part of the first kernel.

    images * a + b, padded with zeros, into the kernel k is (images + b / a) into a * k.
    """
    folded = onnx.ModelProto()
    folded.CopyFrom(model)
    scale, shift, convolution = folded.graph.node[:3]
    if [scale.op_type, shift.op_type, convolution.op_type] != ["Mul", "Add", "Conv"]:
        raise RangesError("the graph does not begin with Mul, Add and Conv; convert it again")
    constants = {constant.name: constant for constant in folded.graph.initializer}
    factor = numpy_helper.to_array(constants[scale.input[1]])
    offset = constants[shift.input[1]]
    kernel = constants[convolution.input[1]]
    new_kernel = numpy_helper.to_array(kernel) * factor
    offset.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(offset) / factor, offset.name))
    kernel.CopyFrom(numpy_helper.from_array(new_kernel, kernel.name))
    folded.graph.initializer.remove(constants[scale.input[1]])
    shift.input[0] = scale.input[0]
    folded.graph.node.remove(scale)
    return folded


def prepare(model: onnx.ModelProto) -> onnx.ModelProto:
    """The float graph in the order in which it is quantised and calibrated; same values."""
    return fold_input_scale(pool_before_activation(model))


def float_nodes(model: onnx.ModelProto) -> set[str]:
    """Names of the nodes that stay in float: the stem and what follows the heads' features."""
    graph = model.graph
    stem: set[str] = set()
    activations = 0
    for node in graph.node:
        stem.add(node.name)
        activations += node.op_type == "LeakyRelu"
        if activations == STEM_ACTIVATIONS:
            break
    splits = [node for node in graph.node if node.op_type == "Split"]
    last = {producer(graph, split.input[0]).name for split in splits}
    behind = {name for split in splits for name in split.output}
    decoding: set[str] = set()
    for node in graph.node:
        if any(name in behind for name in node.input):
            decoding.add(node.name)
            behind.update(node.output)
    return stem | last | decoding


def quantised_tensors(model: onnx.ModelProto) -> list[str]:
    """The activations that need a range: inputs and outputs of the quantised nodes."""
    kept = float_nodes(model)
    constants = {constant.name for constant in model.graph.initializer}
    names: dict[str, None] = {}
    for node in model.graph.node:
        if node.op_type in QUANTISED_OPERATORS and node.name not in kept:
            for name in [*node.input, *node.output]:
                if name and name not in constants:
                    names[name] = None
    return list(names)


def quantise(model: onnx.ModelProto, ranges: dict[str, tuple[float, float]]) -> onnx.ModelProto:
    """The int8 graph; `model` is left as it is. Raises RangesError if a range is missing."""
    model = prepare(model)
    wanted = quantised_tensors(model)
    missing = [name for name in wanted if name not in ranges]
    if missing:
        raise RangesError(f"no range for {', '.join(missing)}: calibrate again")
    tensors = TensorsData(
        CalibrationMethod.MinMax,
        {
            name: TensorData(lowest=np.float32(low), highest=np.float32(high))
            for name, (low, high) in ranges.items()
            if name in wanted
        },
    )
    quantiser = QDQQuantizer(
        onnx.shape_inference.infer_shapes(model),
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=tensors,
        nodes_to_quantize=[],
        nodes_to_exclude=sorted(float_nodes(model)),
        op_types_to_quantize=QUANTISED_OPERATORS,
        extra_options={},
    )
    quantiser.quantize_model()
    quantiser.model.topological_sort()
    quantised = quantiser.model.model
    onnx.checker.check_model(quantised)
    return quantised


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="NanoDet-g to int8 with given ranges")
    parser.add_argument("float_model", type=Path)
    parser.add_argument("ranges", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    model = onnx.load(arguments.float_model)
    onnx.save(quantise(model, read_ranges(arguments.ranges)), arguments.out)


if __name__ == "__main__":
    main()
