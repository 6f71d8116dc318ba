"""ONNX files, read without their weights.  Imports onnx and numpy: import it late."""
