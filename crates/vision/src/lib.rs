//! The model registry, ONNX Runtime sessions and their pre- and post-processing.
