"""Writes Silero VAD v6 anew as matrix products, for batches of callers, and puts it where the package ships it.

    uv run --with onnx==1.23.2 --with numpy scripts/ship_silero.py ORIGINAL.onnx

The weights are those of the original (`silero_vad_16k_op15.onnx` of the package silero-vad 6.2.3; the tests hold
the copy at hand to it). There each convolution is done caller by caller, over four columns at most, so that its
weights are read again for every caller. Here the columns of all callers are the rows of one product. Taps that
only ever see padding are left out, and so are the branches for other shapes of input.

Inputs: `input` (callers, 576), 64 samples of context before the 512 of the frame; `state` (callers, 256), the
LSTM's output and cell. Outputs: `output` (callers, 1), P(speech); `stateN`, the state for the next frame.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

SHIPPED = (
    Path(__file__).parent.parent / "src/antiphon/providers/models/silero_vad/silero_vad_16k_products.onnx"
)
CONTEXT, FRAME, HOP, WINDOW, BINS, HIDDEN = 64, 512, 128, 256, 129, 128
COLUMNS = (CONTEXT + FRAME + CONTEXT - WINDOW) // HOP + 1


class Graph:
    """The network as it is written down."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def step(self, kind: str, inputs: str, outputs: str, **attributes: object) -> None:
        """One operation; names are separated by blanks."""
        self.nodes.append(helper.make_node(kind, inputs.split(), outputs.split(), **attributes))

    def dense(self, source: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        """`name` is relu(source · weight + bias), row by row."""
        self.weight(f"{name}.w", weight)
        self.weight(f"{name}.b", bias)
        self.step("Gemm", f"{source} {name}.w {name}.b", f"{name}.sum")
        self.step("Relu", f"{name}.sum", name)


def rewritten(original: onnx.ModelProto) -> onnx.ModelProto:
    """The same function of sound and state, up to rounding."""
    given = {weight.name: numpy_helper.to_array(weight) for weight in original.graph.initializer}
    graph = Graph()
    for n in (0, 1, 2, COLUMNS, COLUMNS + 1, COLUMNS + 2):
        graph.weight(f"at{n}", np.array([n]))
    _spectrum(graph, given["model.stft.forward_basis_buffer"][:, 0, :])
    _encoder(graph, given)
    _decoder(graph, given)

    def rows(name: str, width: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["callers", width])

    whole = helper.make_graph(
        graph.nodes,
        "silero_vad_16k_products",
        [rows("input", CONTEXT + FRAME), rows("state", 2 * HIDDEN)],
        [rows("output", 1), rows("stateN", 2 * HIDDEN)],
        graph.weights,
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def _spectrum(graph: Graph, basis: NDArray[np.float32]) -> None:
    """`magnitude` (callers, columns, bins): windows of 256 samples, every 128, the last one mirrored."""
    graph.weight("mirror", np.array([0, 0, 0, CONTEXT]))
    graph.step("Pad", "input mirror", "mirrored", mode="reflect")
    graph.weight("hops", np.array([-1, COLUMNS + 1, HOP]))
    graph.step("Reshape", "mirrored hops", "pieces")
    graph.step("Slice", f"pieces at0 at{COLUMNS} at1", "first")
    graph.step("Slice", f"pieces at1 at{COLUMNS + 1} at1", "second")
    graph.step("Concat", "first second", "windows", axis=2)
    graph.weight("basis", basis.T)
    graph.step("MatMul", "windows basis", "spectrum")
    graph.step("Mul", "spectrum spectrum", "squares")
    graph.step("Split", "squares", "real imaginary", axis=2)
    graph.step("Add", "real imaginary", "power")
    graph.step("Sqrt", "power", "magnitude")


def _encoder(graph: Graph, given: dict[str, NDArray[np.float32]]) -> None:
    """`encoded` (callers, 128). A weight of the original is (out, in, tap)."""
    layers = [
        tuple(given[f"model.encoder.{n}.reparam_conv.{kind}"] for kind in ("weight", "bias"))
        for n in range(4)
    ]
    (weight, bias), *others = layers
    graph.weight("beside", np.array([0, 1, 0, 0, 1, 0]))
    graph.step("Pad", "magnitude beside", "wide")
    graph.step("Slice", f"wide at0 at{COLUMNS} at1", "before")
    graph.step("Slice", f"wide at2 at{COLUMNS + 2} at1", "after")
    graph.step("Concat", "before magnitude after", "taps", axis=2)
    graph.weight("conv0.w", weight.transpose(2, 1, 0).reshape(-1, len(weight)))
    graph.weight("conv0.b", bias)
    graph.step("MatMul", "taps conv0.w", "conv0.product")
    graph.step("Add", "conv0.product conv0.b", "conv0.sum")
    graph.step("Relu", "conv0.sum", "conv0")
    graph.weight("flat", np.array([-1, COLUMNS * len(weight)]))
    graph.step("Reshape", "conv0 flat", "rows0")
    # Every second column, padded by one: column t sees taps 2t - 1, 2t and 2t + 1.
    (weight, bias), (third, third_bias), (fourth, fourth_bias) = others
    half = COLUMNS // 2
    whole = np.zeros((COLUMNS, weight.shape[1], half, len(weight)), np.float32)
    for column in range(half):
        for tap in range(3):
            if 0 <= (source := 2 * column + tap - 1) < COLUMNS:
                whole[source, :, column, :] = weight[:, :, tap].T
    graph.dense("rows0", "conv1", whole.reshape(COLUMNS * weight.shape[1], -1), np.tile(bias, half))
    graph.dense("conv1", "conv2", np.concatenate([third[:, :, 1].T, third[:, :, 2].T]), third_bias)
    graph.dense("conv2", "encoded", fourth[:, :, 1].T, fourth_bias)


def _decoder(graph: Graph, given: dict[str, NDArray[np.float32]]) -> None:
    """An LSTM's step and the probability. Its gates come as input, forget, cell, output; here cell is last."""
    by_input, by_state, bias, more_bias = (
        given[f"model.decoder.rnn.{kind}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    order = np.concatenate([np.arange(HIDDEN) + HIDDEN * gate for gate in (0, 1, 3, 2)])
    graph.weight("lstm.w", np.concatenate([by_input.T, by_state.T])[:, order])
    graph.weight("lstm.b", (bias + more_bias)[order])
    graph.step("Split", "state", "hidden cell", axis=1)
    graph.step("Concat", "encoded hidden", "both", axis=1)
    graph.step("Gemm", "both lstm.w lstm.b", "gates")
    graph.weight("three", np.array([3 * HIDDEN, HIDDEN]))
    graph.step("Split", "gates three", "doors offer", axis=1)
    graph.step("Sigmoid", "doors", "open")
    graph.step("Tanh", "offer", "new")
    graph.step("Split", "open", "let_in keep let_out", axis=1)
    graph.step("Mul", "keep cell", "kept")
    graph.step("Mul", "let_in new", "added")
    graph.step("Add", "kept added", "next_cell")
    graph.step("Tanh", "next_cell", "bounded")
    graph.step("Mul", "let_out bounded", "next_hidden")
    graph.step("Concat", "next_hidden next_cell", "stateN", axis=1)
    graph.step("Relu", "next_hidden", "positive")
    graph.weight("out.w", given["model.decoder.decoder.2.weight"][0])
    graph.weight("out.b", given["model.decoder.decoder.2.bias"])
    graph.step("Gemm", "positive out.w out.b", "logit")
    graph.step("Sigmoid", "logit", "output")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    onnx.save(rewritten(onnx.load(sys.argv[1])), SHIPPED)
    print(f"{SHIPPED}: {SHIPPED.stat().st_size} bytes")
