#!/usr/bin/env python3
"""Makes one NanoDet-g file of the registry: converts, and quantises if int8 is asked for.

Called by models/fetch.py, which checks the result against the registry's checksum.

    build.py SOURCES_DIR OUT.onnx --size 640x384 --precision int8
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
from convert import convert
from quantise import quantise, read_ranges


def build(sources: Path, width: int, height: int, precision: str) -> onnx.ModelProto:
    """The model of one size and precision."""
    model = convert(sources, width, height)
    if precision == "int8":
        return quantise(model, read_ranges(Path(__file__).with_name("ranges.json")))
    return model


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="one file of nanodet-g")
    parser.add_argument("sources", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", required=True, help="WIDTHxHEIGHT")
    parser.add_argument("--precision", required=True, choices=["fp32", "int8"])
    arguments = parser.parse_args()
    width, height = (int(side) for side in arguments.size.split("x"))
    model = build(arguments.sources, width, height, arguments.precision)
    arguments.out.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
