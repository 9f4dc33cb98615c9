package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ShapesTest {
  private static final Op.Dim AXIS = new Op.Dim.Axis(0);
  private static final Op.Dim REST = new Op.Dim.Rest();
  private static final Window THREE = Window.of(3);

  static Stream<Arguments> results() {
    return Stream.of(
        arguments(new Op.Conv(THREE.stride(2).padding(1), 1), "2x3x8x7 16x3x3x3 16", "2x16x4x4"),
        arguments(new Op.Conv(THREE, 3), "2x6x5x5 9x2x3x3", "2x9x3x3"),
        arguments(new Op.ConvTranspose(Window.of(4).stride(2).padding(1), 1, 0, 0), "1x3x5x6 3x7x4x4 7", "1x7x10x12"),
        arguments(new Op.ConvTranspose(THREE.stride(2), 2, 1, 0), "1x4x5x6 4x3x3x3 6", "1x6x12x13"),
        arguments(new Op.MaxPool(THREE.stride(2).ceil(true)), "1x64x112x112", "1x64x56x56"),
        arguments(new Op.AveragePool(Window.of(7), false), "5x512x7x7", "5x512x1x1"),
        arguments(new Op.Gemm(false, true), "4x7 5x7 5", "4x5"),
        arguments(new Op.Gemm(true, false), "7x4 7x5", "4x5"),
        arguments(new Op.Flatten(), "3x16x5x5", "3x400"),
        arguments(new Op.LocalConv(THREE.padding(1).stride(2)), "2x3x5x4 3x2x7x3x3x3", "2x7x3x2"),
        arguments(new Op.MaxPick(Window.of(2).stride(2)), "1x3x5x5 1x3x5x5", "1x3x2x2"),
        arguments(new Op.AdaptiveAveragePool(7, 6), "2x3x4x5", "2x3x7x6"),
        arguments(new Op.AdaptiveMaxPool(1, 1), "2x3x4x5", "2x3x1x1"),
        arguments(new Op.Concat(), "2x3x4x5 2x1x4x5 2x9x4x5", "2x13x4x5"),
        arguments(new Op.Slice(2, 1, 4), "2x3x4x5", "2x3x3x5"),
        arguments(new Op.Pad(3, 2, 0), "2x3x4x5", "2x3x4x7"),
        arguments(new Op.PadToMultiple(4), "2x3x4x5", "2x3x4x8"),
        arguments(new Op.Crop(1, 2), "2x3x4x5 1x9x3x2", "2x3x3x2"),
        arguments(new Op.Resize(Op.Interpolation.NEAREST, 3), "2x3x4x5", "2x3x12x15"),
        arguments(new Op.Resize(Op.Interpolation.BILINEAR, 1), "2x3x4x5 1x1x7x9", "2x3x7x9"),
        arguments(new Op.Maxout(3), "2x6x4", "2x2x4"),
        arguments(new Op.Sum(0), "2x3", "1x3"),
        arguments(new Op.Mean(), "2x3", "scalar"),
        arguments(new Op.OneHot(21), "2x8x9", "2x21x8x9"),
        arguments(new Op.Lrn(5, 1, 0.75f, 2), "2x3x4x5", "2x3x4x5"),
        arguments(new Op.BatchNormalization(1e-5f, 0.1f), "2x3x4x5 3 3 3 3", "2x3x4x5"),
        arguments(new Op.RowNormalization(1, 3, 1e-5f), "2x6x4", "2x6x4"),
        arguments(new Op.SoftmaxCrossEntropyLoss(0.1f, 0), "2x21x8x9 2x8x9 21", "scalar"),
        arguments(new Op.BatchMean(), "2x3x4x5", "3"),
        arguments(new Op.Add(), "2x3x4x5 3x1x1", "2x3x4x5"),
        arguments(new Op.Mul(), "2x3 scalar", "2x3"),
        arguments(new Op.Softmax(), "2x3x4", "2x3x4"),
        arguments(new Op.SoftmaxCrossEntropyLoss(), "2x21x8x9 2x8x9", "scalar"),
        arguments(new Op.SigmoidCrossEntropyLoss(), "8x1 8", "scalar"),
        arguments(new Op.ConvWeightGrad(THREE.padding(1), 2), "2x4x5x5 2x6x5x5", "6x2x3x3"),
        arguments(new Op.MaxUnpool(Window.of(2).stride(2)), "1x3x5x5 1x3x2x2", "1x3x5x5"),
        arguments(new Op.AveragePoolGrad(Window.of(2).stride(2), false, 5, 4), "1x3x2x2", "1x3x5x4"),
        arguments(Op.Reshape.image(Shape.of(3, 4)), "2x12", "2x3x4"),
        arguments(Op.Reshape.of(Shape.of()), "1x1", "scalar"),
        arguments(new Op.Reshape(List.of(AXIS, new Op.Dim.Size(2), REST, new Op.Dim.Axis(2))), "5x8x7", "5x2x4x7"),
        arguments(new Op.Slice(0, -3, -1), "9x2", "2x2"),
        arguments(new Op.Slice(1, 2, Integer.MAX_VALUE), "9x7", "9x5"),
        arguments(new Op.Pad(0, 1, 2), "9x7", "12x7"),
        arguments(new Op.Concat(0), "9 2", "11"),
        arguments(new Op.Transpose(List.of(0, 2, 3, 1)), "2x3x4x5", "2x4x5x3"),
        arguments(new Op.MatMul(), "2x1x4x5 3x5x7", "2x3x4x7"),
        arguments(new Op.Gather(1, List.of(2, 2, 0, 1)), "2x3x5", "2x4x5"),
        arguments(new Op.GatherElements(1), "2x3x5 2x9x5", "2x9x5"),
        arguments(new Op.TopK(2, 3), "2x3x5", "2x3x3"),
        arguments(new Op.ReduceMax(0), "2x3x5", "1x3x5"),
        arguments(new Op.Div(), "2x1x5 3x1", "2x3x5"),
        arguments(new Op.Where(), "3x1 scalar 2x1x5", "2x3x5"),
        arguments(new Op.Log(), "2x3", "2x3"),
        arguments(new Op.SumTo(Shape.of(3, 1, 1)), "2x3x4x5", "3x1x1"),
        arguments(new Op.ChannelSum(), "2x3x4x5", "3"),
        arguments(new Op.SoftmaxCrossEntropyGrad(0, -1), "6x5 6 scalar", "6x5"));
  }

  @ParameterizedTest(name = "{0} of {1}: {2}")
  @MethodSource("results")
  void resultsHaveTheirShape(Op op, String in, String expected) {
    assertThat(Shapes.infer(op, shapes(in))).hasToString(expected);
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        arguments(new Op.Conv(THREE, 1), "1x112x9x9 8x96x3x3", "Conv expects 96 channels, got 112"),
        arguments(new Op.Conv(THREE, 2), "1x96x9x9 8x96x3x3", "Conv expects 192 channels, got 96"),
        arguments(new Op.Conv(THREE, 3), "1x9x9x9 8x3x3x3", "Conv expects output channels that 3 groups divide, got 8"),
        arguments(new Op.Conv(THREE, 0), "1x9x9x9 8x3x3x3", "Conv expects output channels that 0 groups divide, got 8"),
        arguments(new Op.Conv(THREE, 1), "1x3x9x9 8x3x5x5", "Conv expects a weight of 3x3, got 8x3x5x5"),
        arguments(new Op.Conv(THREE, 1), "1x3x9x9 8x3x3x3 7", "Conv expects a bias of 8, got 7"),
        arguments(new Op.Conv(THREE, 1), "1x3x9x9 8x3x3x3 8x1", "Conv expects a bias of 8, got 8x1"),
        arguments(new Op.Conv(THREE, 1), "3x9x9 8x3x3x3", "Conv expects N x C x H x W, got 3x9x9"),
        arguments(new Op.Conv(THREE, 1), "1x3x9x9", "Conv expects 2 to 3 operands, got 1"),
        arguments(new Op.Conv(THREE, 1), "1x3x9x9 8x3x3x3 8 8", "Conv expects 2 to 3 operands, got 4"),
        arguments(new Op.Conv(THREE, 1), "1x3x2x9 8x3x3x3", "a window of 3x3 needs an input height of 3 or more, got 2"),
        arguments(new Op.ConvTranspose(THREE, 1, 0, 0), "1x4x5x5 3x2x3x3", "ConvTranspose expects 3 channels, got 4"),
        arguments(new Op.ConvTranspose(THREE, 2, 0, 0), "1x3x5x5 3x2x3x3",
            "ConvTranspose expects channels that 2 groups divide, got 3"),
        arguments(new Op.ConvTranspose(THREE, 1, 0, 0), "1x3x5x5 3x2x3x3 3", "ConvTranspose expects a bias of 2, got 3"),
        arguments(
            new Op.ConvTranspose(THREE.padding(3), 1, 0, 0),
            "1x3x1x5 3x2x3x3",
            "ConvTranspose expects less padding, since the output would be empty, got -3x1"),
        arguments(new Op.MaxPool(THREE.padding(3)), "1x3x9x9",
            "MaxPool expects padding smaller than the window, got 3x3 padding 3"),
        arguments(new Op.AveragePool(THREE, true), "3x9", "AveragePool expects N x C x H x W, got 3x9"),
        arguments(new Op.Gemm(false, true), "4x7 5x8", "Gemm expects 8 inputs, got 7"),
        arguments(new Op.Gemm(true, false), "7x4 8x5", "Gemm expects 8 inputs, got 7"),
        arguments(new Op.Gemm(false, true), "4x7x1x1 5x7", "Gemm expects two matrices, got 4x7x1x1 and 5x7"),
        arguments(new Op.Gemm(false, true), "4x7 5x7 4", "Gemm expects a bias of 5, got 4"),
        arguments(new Op.Add(), "2x3x4x5 2x1x1", "Add expects operands that broadcast onto each other, got 2x3x4x5 and 2x1x1"),
        arguments(new Op.Mul(), "3x1 2x3", "Mul expects operands that broadcast onto each other, got 3x1 and 2x3"),
        arguments(new Op.Add(), "2x3", "Add expects 2 operands, got 1"),
        arguments(new Op.Relu(), "2x3 2x3", "Relu expects 1 operands, got 2"),
        arguments(new Op.Dropout("d", 1), "2x3", "Dropout expects a rate of at least 0 and less than 1, got 1.0"),
        arguments(new Op.Dropout("d", Float.NaN), "2x3", "Dropout expects a rate of at least 0 and less than 1, got NaN"),
        arguments(new Op.Softmax(), "7", "Softmax expects an axis of 7, got 1"),
        arguments(new Op.LocalConv(THREE), "2x3x5x4 3x2x7x3x3x2", "LocalConv expects a weight of 3x2xKx3x3x3, got 3x2x7x3x3x2"),
        arguments(new Op.LocalConv(THREE), "2x3x5x4 7x3x3x3", "LocalConv expects a weight of 3x2xKx3x3x3, got 7x3x3x3"),
        arguments(new Op.MaxPick(THREE), "2x3x5x4 2x3x5x5", "MaxPick expects 2x3x5x4, got 2x3x5x5"),
        arguments(new Op.Concat(), "2x3x4 2x3x5", "Concat expects maps of one size, as 2x3x4, got 2x3x5"),
        arguments(new Op.Concat(), "2x3x4 3x3x4", "Concat expects maps of one size, as 2x3x4, got 3x3x4"),
        arguments(new Op.Concat(), "2x3x4 2x3", "Concat expects maps of one size, as 2x3x4, got 2x3"),
        arguments(new Op.Crop(1, 0), "2x3x4x5 1x1x4x5", "Crop expects a map that holds a window of 4x5 at 1,0, got 2x3x4x5"),
        arguments(new Op.Resize(Op.Interpolation.BILINEAR, 1), "2x3x4x5 7x9", "Resize expects N x C x H x W, got 7x9"),
        arguments(new Op.BatchNormalization(1e-5f, 0.1f), "2x3x4x5 3 3 3 4", "BatchNormalization expects 3, got 4"),
        arguments(new Op.SoftmaxCrossEntropyLoss(), "2x10 2 9", "SoftmaxCrossEntropyLoss expects 10, got 9"),
        arguments(new Op.SoftmaxCrossEntropyLoss(Float.NaN, -1), "2x10 2",
            "SoftmaxCrossEntropyLoss expects a smoothing from 0 to 1, got NaN"),
        arguments(new Op.Clip(Float.NaN, 1), "2", "Clip expects a minimum that is not above the maximum, got NaN and 1.0"),
        arguments(new Op.Dropout("d", 0.5f, Op.Unit.IMAGE), "7", "Dropout expects N x C x ..., got 7"),
        arguments(new Op.SoftmaxCrossEntropyLoss(), "2x10 3", "SoftmaxCrossEntropyLoss expects labels of 2, got 3"),
        arguments(new Op.SoftmaxCrossEntropyLoss(), "2x10x4 2x10", "SoftmaxCrossEntropyLoss expects labels of 2x4, got 2x10"),
        arguments(new Op.SigmoidCrossEntropyLoss(), "2x3 5", "SigmoidCrossEntropyLoss expects 6, got 5"),
        arguments(Op.Reshape.image(Shape.of(2, 3)), "7x5", "Reshape expects 7x2x3 or the same number of elements, got 7x5"),
        arguments(new Op.Reshape(List.of(REST, REST)), "7x5",
            "Reshape expects at most one axis of the size that is left over, got"
                + " [Rest[], Rest[]]"),
        arguments(new Op.Reshape(List.of(REST, new Op.Dim.Size(4))), "7x5", "Reshape expects a number of elements that 4 divides,"
            + " got 7x5"),
        arguments(new Op.Reshape(List.of(new Op.Dim.Axis(2))), "7x5", "Reshape expects an axis of 7x5, got 2"),
        arguments(new Op.Reshape(List.of(new Op.Dim.Size(0))), "7x5", "Reshape expects sizes of 1 or more, got 0"),
        arguments(new Op.Reshape(List.of(new Op.Dim.Size(1 << 30), new Op.Dim.Size(1 << 30), new Op.Dim.Size(4))), "7x5",
            "Reshape expects 1073741824x1073741824x4 or the same number of elements, got 7x5"),
        arguments(new Op.Slice(0, -1, 0), "9x2", "Slice expects a range inside 0 to 9, got -1 to 0"),
        arguments(new Op.Transpose(List.of(0, 0)), "7x5", "Transpose expects each axis of 7x5 once, got [0, 0]"),
        arguments(new Op.MatMul(), "7x5 4x5", "MatMul expects a first operand of 4 columns, got 7x5 and 4x5"),
        arguments(new Op.MatMul(), "2x7x5 3x5x4", "MatMul expects operands that broadcast onto each other, got 2 and 3"),
        arguments(new Op.MatMul(), "5 5x4", "MatMul expects two matrices or more, got 5 and 5x4"),
        arguments(new Op.Gather(0, List.of(7)), "7x5", "Gather expects indices from 0 to 6, got 7"),
        arguments(new Op.Gather(0, List.of()), "7x5", "Gather expects one index or more, got none"),
        arguments(new Op.GatherElements(1), "7x5 6x5", "GatherElements expects indices of 7x5 except along axis 1, got 6x5"),
        arguments(new Op.TopK(1, 6), "7x5", "TopK expects a k from 1 to 5, got 6"),
        arguments(new Op.ReduceMax(2), "7x5", "ReduceMax expects an axis of 7x5, got 2"),
        arguments(new Op.Where(), "2x3 2x4 1", "Where expects operands that broadcast onto each other, got 2x3 and 2x4"),
        arguments(new Op.Input("x", Shape.of(7, 5), List.of(2)), "", "Input expects an axis of 7x5, got 2"),
        arguments(new Op.MaxUnpool(Window.of(2)), "1x1x3x3 1x1x3x3", "MaxUnpool expects 1x1x2x2, got 1x1x3x3"),
        arguments(new Op.ReluGrad(), "2x3 3x2", "ReluGrad expects 2x3, got 3x2"));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("errors")
  void shapesThatDoNotFitReportWhatWasExpected(Op op, String in, String message) {
    List<Shape> shapes = shapes(in);
    assertThatThrownBy(() -> Shapes.infer(op, shapes)).isInstanceOf(FoveaException.class).hasMessage(message);
    assertThat(message).doesNotContain("\n");
  }

  @Test
  void labelsHaveNoClassAxis() {
    assertThat(Shapes.labelsOf(Shape.of(4, 10))).isEqualTo(Shape.of(4));
    assertThat(Shapes.labelsOf(Shape.of(4, 21, 5, 6))).isEqualTo(Shape.of(4, 5, 6));
  }

  @Test
  void anErrorNamesTheLayer() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 112, 9, 9));
    assertThatThrownBy(
        () -> g.scope(
            "inception4a",
            () -> g.scope(
                "branch2.0",
                () -> g.op(new Op.Conv(THREE, 1), x, g.param("weight", Shape.of(8, 96, 3, 3), Init.he(1))))))
        .isInstanceOf(FoveaException.class)
        .hasMessage("inception4a.branch2.0: Conv expects 96 channels, got 112");
    assertThat(g.qualified("weight")).isEqualTo("weight");
  }

  @Test
  void duplicateParameterNamesAreRefused() {
    GraphBuilder g = new GraphBuilder();
    g.param("w", Shape.of(1), Init.he(1));
    assertThatThrownBy(() -> g.frozen("w", Shape.of(2), Init.he(1)))
        .isInstanceOf(FoveaException.class)
        .hasMessage("two parameters or inputs are called w: give their layers different names");
  }

  private static List<Shape> shapes(String text) {
    return text.isEmpty() ? List.of()
        : Arrays.stream(text.split(" ")).map(s -> s.equals("scalar") ? Shape.of() : Shape.parse(s)).toList();
  }
}
