package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whole small files: what becomes a parameter, which sizes stay free, and what is refused. */
class OnnxReaderTest {
  private static List<String> operators(Graph graph) {
    return graph.nodes().stream().filter(node -> !(node.op() instanceof Op.Source)).map(node -> node.op().type()).toList();
  }

  @Test
  void aConvolutionWithBatchNormalizationHasTheFormOfTheLayers() {
    Imported net =
        new Nets(17).input("x", "N", 3, 8, 8).weight("c.weight", 4, 3, 3, 3).weight("bn.weight", 4).weight("bn.bias", 4)
            .floats("bn.mean", Shape.of(4), 1, 2, 3, 4).floats("bn.var", Shape.of(4), 1, 1, 2, 2)
            .node("a = Conv x c.weight", "pads", new int[] {1, 1, 1, 1})
            .node("b = BatchNormalization a bn.weight bn.bias bn.mean bn.var")
            .node("y = Relu b").output("y").read();
    assertThat(operators(net.graph())).containsExactly("Conv", "BatchNormalization", "Relu");
    assertThat(net.graph().params()).extracting(Op.Param::name)
        .containsExactly("c.weight", "bn.weight", "bn.bias", "bn.mean", "bn.var");
    assertThat(net.graph().params()).extracting(Op.Param::trainable).containsExactly(true, true, true, false, false);
    int offset = net.parameters().entry("bn.mean").offset();
    assertThat(net.parameters().values()[offset + 2]).isEqualTo(3);
    assertThat(Rewrite.withInputs(net.graph(), Map.of("x", Shape.of(2, 3, 16, 12))).outputShape("y"))
        .isEqualTo(Shape.of(2, 4, 16, 12));
  }

  @Test
  void oneTensorUsedTwiceIsOneParameter() {
    Imported net =
        new Nets(17).input("x", 1, 4, 6, 6).weight("w", 4, 4, 1, 1).node("a = Conv x w").node("y = Conv a w").output("y").read();
    assertThat(net.graph().params()).hasSize(1);
  }

  @Test
  void shapesThatAFileComputesFollowTheBatch() {
    Imported net = new Nets(13).input("x", "N", 2, 4, 4).longs("zero", 0).longs("rest", -1)
        .node("s = Shape x").node("n = Gather s zero", "axis", 0).node("t = Concat n rest", "axis", 0).node("y = Reshape x t")
        .output("y").read();
    assertThat(operators(net.graph())).containsExactly("Flatten");
    assertThat(Rewrite.withBatch(net.graph(), 7).outputShape("y")).isEqualTo(Shape.of(7, 32));
  }

  @Test
  void aOneInAReshapeIsTheBatchOfAFileForOneImage() {
    Imported net =
        new Nets(13).input("x", 1, 2, 4, 4).longs("t", 1, 32).weight("w", 32, 3).node("f = Reshape x t").node("y = MatMul f w")
            .output("y").read();
    assertThat(Rewrite.withBatch(net.graph(), 5).outputShape("y")).isEqualTo(Shape.of(5, 3));
  }

  @Test
  void aConstantMatrixIsTheWeightOfAFullyConnectedLayer() {
    Imported net = new Nets(17).input("x", "N", 3).weight("w", 3, 2).weight("b", 2).weight("v", 2, 4).weight("c", 4)
        .node("f = MatMul x w").node("g = Add f b").node("y = Gemm g v c").output("y").read();
    assertThat(net.graph().nodes()).filteredOn(node -> !(node.op() instanceof Op.Source)).extracting(Node::op)
        .containsExactly(new Op.Gemm(false, true), new Op.Gemm(false, true));
    assertThat(net.graph().params()).extracting(Op.Param::name).containsExactly("w", "b", "v", "c");
    assertThat(net.graph().params()).allMatch(Op.Param::trainable);
    assertThat(net.parameters().entry("w").shape()).isEqualTo(Shape.of(2, 3));
    float[] values = net.parameters().values();
    int at = net.parameters().entry("w").offset();
    float[] given = Nets.values("w", 6);
    assertThat(new float[] {values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4], values[at + 5]})
        .containsExactly(given[0], given[2], given[4], given[1], given[3], given[5]);
  }

  @Test
  void aMatrixInTwoRolesIsOneParameter() {
    Imported net = new Nets(17).input("x", "N", 3).weight("w", 3, 3).node("f = MatMul x w").node("y = Gemm f w", "transB", 1)
        .output("y").read();
    assertThat(operators(net.graph())).containsExactly("Gemm", "Transpose", "Gemm");
    assertThat(net.graph().params()).hasSize(1);
  }

  @Test
  void imageSizesThatAreBuiltInAreFixed() {
    Imported net = new Nets(13).input("x", "N", 2, "H", "W").weight("w", 32, 3).node("f = Flatten x").node("y = MatMul f w")
        .output("y").read(ReadOptions.none().shape("x", Shape.of(1, 2, 4, 4)));
    assertThat(net.graph().inputs().getFirst().fixed()).containsExactly(2, 3);
    assertThatThrownBy(() -> Rewrite.withInputs(net.graph(), Map.of("x", Shape.of(1, 2, 8, 8))))
        .isInstanceOf(FoveaException.class).hasMessageContaining("axis 2 is fixed at 4");
  }

  @Test
  void imageSizesThatARangeDependsOnAreFixedThoughItLooksGeneralForEvenOnes() {
    Imported net = new Nets(17).input("x", 1, 1, "H", "W").longs("two", 2).longs("four", 4)
        .longs("size", -4, -4).longs("axes", 2, 3).longs("m", 32, 32)
        .node("s = Shape x").node("hw = Slice s two four").node("rest = Mod hw m").node("ends = Add hw size")
        .node("all = Sub ends rest").longs("starts", 0, 0)
        .node("y = Slice x starts all axes").output("y").read(ReadOptions.none().shape("x", Shape.of(1, 1, 64, 64)));
    assertThat(net.graph().outputShape("y")).isEqualTo(Shape.of(1, 1, 60, 60));
    assertThat(net.graph().inputs().getFirst().fixed()).containsExactly(2, 3);
  }

  @Test
  void aSizeTakenFromAnotherValueFollowsIt() {
    Imported net = new Nets(13).input("x", 1, 3, "H", "W").weight("w", 3, 3, 3, 3).longs("two", 2).longs("four", 4)
        .node("d = Conv x w", "strides", new int[] {2, 2}, "pads", new int[] {1, 1, 1, 1})
        .node("sx = Shape x").node("hw = Slice sx two four").node("sd = Shape d").longs("zero", 0).node("nc = Slice sd zero two")
        .node("size = Concat nc hw", "axis", 0)
        .node("y = Resize d - - size", "mode", "nearest", "coordinate_transformation_mode", "asymmetric", "nearest_mode", "floor")
        .output("y").read();
    assertThat(net.notes()).singleElement().asString().contains("axis 2 as 224");
    Graph other = Rewrite.withInputs(net.graph(), Map.of("x", Shape.of(1, 3, 39, 40)));
    assertThat(other.outputShape("y")).isEqualTo(Shape.of(1, 3, 39, 40));
  }

  @Test
  void aPartAsLargeAsOtherImagesFollowsThemBeItInTwoSlices() {
    Imported net = new Nets(13).input("x", 1, 3, "H", "W").floats("scales", Shape.of(4), 1, 1, 2, 2)
        .longs("two", 2).longs("three", 3).longs("four", 4)
        .node("up = Resize x - scales", "mode", "nearest", "coordinate_transformation_mode", "asymmetric", "nearest_mode",
            "floor")
        .node("s = Shape x").node("h = Slice s two three").node("w = Slice s three four")
        .node("bottom = Add h two").node("right = Add w three")
        .node("rows = Slice up two bottom two").node("y = Slice rows three right three").output("y").read();
    assertThat(net.graph().nodes()).extracting(Node::op).contains(new Op.Crop(2, 3));
    assertThat(net.graph().inputs().getFirst().fixed()).isEmpty();
    Graph other = Rewrite.withInputs(net.graph(), Map.of("x", Shape.of(1, 3, 39, 40)));
    assertThat(other.outputShape("y")).isEqualTo(Shape.of(1, 3, 39, 40));
  }

  @Test
  void aPartThatReachesTheEndByChanceIsNotTakenForTheRest() {
    Imported net = new Nets(13).input("x", 1, 1, "H", "W").input("like", 1, 1, "h", "w").longs("two", 2).longs("four", 4)
        .longs("from", 0, 4).longs("axes", 2, 3).node("s = Shape like").node("hw = Slice s two four").node("to = Add hw from")
        .node("y = Slice x from to axes").output("y")
        .read(ReadOptions.none().shape("x", Shape.of(1, 1, 8, 10)).shape("like", Shape.of(1, 1, 8, 6)));
    assertThat(net.graph().inputs().getFirst().fixed()).containsExactly(2, 3);
  }

  @Test
  void anOpenAxisThatMustKeepItsSizeIsFixed() {
    Imported net = new Nets(13).input("x", "N", "C", "H", "W").longs("from", 1).longs("to", 3).longs("axis", 1)
        .node("y = Slice x from to axis").output("y").read(ReadOptions.none().shape("x", Shape.of(1, 3, 20, 20)));
    assertThat(net.graph().inputs().getFirst().fixed()).containsExactly(1);
  }

  @Test
  void imagesWithChannelsInFrontAreKnownByTheAxesThatAreOpen() {
    Imported net = new Nets(13).input("x", 1, 16, "H", "W").node("y = Relu x").output("y")
        .read(ReadOptions.none().shape("x", Shape.of(1, 16, 6, 4)));
    assertThat(net.graph().inputs().getFirst().fixed()).isEmpty();
  }

  @Test
  void normalisedGroupsOfChannelsHoldNoSizes() {
    Imported net = new Nets(13).input("x", 1, 6, "H", "W").longs("groups", 0, 2, -1).floats("ones", Shape.of(2), 1, 1)
        .floats("zeros", Shape.of(2), 0, 0).node("r = Reshape x groups").node("n = InstanceNormalization r ones zeros")
        .node("s = Shape x").node("y = Reshape n s").output("y").read();
    assertThat(operators(net.graph())).containsExactly("RowNormalization");
    assertThat(net.graph().inputs().getFirst().fixed()).isEmpty();
  }

  @Test
  void aTokenThatIsExpandedToTheBatchStaysAParameter() {
    Imported net =
        new Nets(13).input("x", "N", 4, 6).weight("token", 1, 1, 6).longs("zero", 0).longs("one", 1).longs("rest", 1, 6)
            .node("s = Shape x").node("n = Slice s zero one").node("to = Concat n rest", "axis", 0).node("t = Expand token to")
            .node("y = Concat t x", "axis", 1).output("y").read();
    assertThat(net.graph().params()).extracting(Op.Param::name).containsExactly("token");
    assertThat(net.graph().params()).allMatch(Op.Param::trainable);
    assertThat(Rewrite.withBatch(net.graph(), 3).outputShape("y")).isEqualTo(Shape.of(3, 5, 6));
  }

  @Test
  void aTokenForEachImageIsRepeatedByTheBatch() {
    Imported net =
        new Nets(13).input("x", 1, 4, 6).weight("token", 1, 1, 6).node("y = Concat token x", "axis", 1).output("y").read();
    assertThat(Rewrite.withBatch(net.graph(), 3).outputShape("y")).isEqualTo(Shape.of(3, 5, 6));
  }

  @Test
  void aBranchOnAConstantIsInlined() {
    OnnxGraph then = new Nets(13).node("u = Relu x").output("u").graph();
    OnnxGraph otherwise = new Nets(13).node("v = Loop x").output("v").graph();
    Imported net = new Nets(13).input("x", 1, 4).longs("yes", 1).node("c = Cast yes", "to", 9)
        .node("y = If c", "then_branch", then, "else_branch", otherwise).output("y").read();
    assertThat(operators(net.graph())).containsExactly("Relu");
  }

  @Test
  void sequencesOfKnownLengthAreTheirValues() {
    Imported net = new Nets(13).input("x", "N", 6, 4).longs("parts", 2, 4).longs("last", -1).longs("first", 0)
        .node("s = SplitToSequence x parts", "axis", 1).node("b = SequenceAt s last").node("a = SequenceAt s first")
        .node("t = SequenceConstruct b a").node("u = SequenceInsert t b").node("v = SequenceErase u")
        .node("y = ConcatFromSequence v", "axis", 1)
        .node("rows = SplitToSequence x", "axis", 2, "keepdims", 0).node("z = ConcatFromSequence rows", "axis", -1, "new_axis", 1)
        .node("e = SequenceEmpty").node("n = SequenceLength u").output("y", "z", "n")
        .read(ReadOptions.none().shape("x", Shape.of(2, 6, 4)));
    assertThat(Rewrite.withBatch(net.graph(), 5).outputShape("y")).isEqualTo(Shape.of(5, 6, 4));
    float[] x = Nets.values("x", 48);
    Map<String, float[]> outputs = OnnxCase.run(net.graph(), net.parameters(), Map.of("x", x));
    float[] y = new float[48];
    for (int i = 0; i < 48; i++) {
      y[i] = x[i / 24 * 24 + (i % 24 + 8) % 24];
    }
    assertThat(outputs.get("y")).containsExactly(y);
    assertThat(outputs.get("z")).containsExactly(x);
    assertThat(outputs.get("n")).containsExactly(3);
  }

  @Test
  void positionsBeyondASequenceAndSequencesAsOutputsAreRefused() {
    Nets beyond = new Nets(13).input("x", 1, 4).longs("two", 2).node("s = SequenceConstruct x x").node("y = SequenceAt s two")
        .output("y");
    assertThatThrownBy(beyond::read).isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_y' (SequenceAt): expects a position from -2 to 1, got 2");
    Nets sequence = new Nets(13).input("x", 1, 4).node("y = SequenceConstruct x x").output("y");
    assertThatThrownBy(sequence::read).isInstanceOf(FoveaException.class).hasMessageContaining("output 'y' is a sequence");
    Nets sum = new Nets(13).input("x", 1, 4).node("s = SequenceConstruct x x").node("y = Relu s").output("y");
    assertThatThrownBy(sum::read).isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_y' (Relu): expects a tensor, got a sequence");
  }

  @Test
  void functionsAreExpanded() {
    Imported net = new Nets(13).input("x", 1, 4)
        .function("Twice", List.of("a"), List.of("b"), List.of(Nets.nodeOf("b = Add a a")))
        .node("t = Twice x").node("y = Twice t").output("y").read();
    assertThat(operators(net.graph())).containsExactly("Add", "Add");
  }

  @Test
  void overloadsOfAFunctionAreFunctionsOfTheirOwn() {
    Nets net = new Nets(17).input("x", 2).function("F", List.of("a"), List.of("b"), List.of(Nets.nodeOf("b = Add a a")))
        .function("F:square", List.of("a"), List.of("b"), List.of(Nets.nodeOf("b = Mul a a"))).node("t = F x");
    assertThat(net.node("y = F:square t").output("y").run(Map.of("x", new float[] {1, 3})).get("y")).containsExactly(4, 36);
    assertThatThrownBy(() -> net.node("z = F:cube t").output("z").read()).isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_z' (F): its overload 'cube' is not among the file's functions");
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() {
    Nets net = new Nets(13).input("x", 1, 4)
        .function("Again", List.of("a"), List.of("b"), List.of(Nets.nodeOf("b = Again a"))).node("y = Again x").output("y");
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class).hasMessageContaining("call themselves");
  }

  @Test
  void allRefusalsAreNamedTogether() {
    Nets net = new Nets(13).input("x", 1, 4);
    for (int i = 0; i < 12; i++) {
      net.node("y" + i + " = Mystery" + i + " x").output("y" + i);
    }
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("net.onnx: node 'n_y0' (Mystery0): this operator is not supported; ")
        .hasMessageEndingWith("; and 2 more");
  }

  @Test
  void shapesThatDoNotFitNameTheNode() {
    Nets net = new Nets(13).input("x", 1, 5, 8, 8).weight("w", 4, 3, 3, 3).node("y = Conv x w").output("y");
    assertThatThrownBy(net::read).hasMessage("net.onnx: node 'n_y' (Conv): Conv expects 3 channels, got 5");
  }

  @Test
  void cyclesAndMissingNamesAreRefused() {
    Nets cycle = new Nets(13).input("x", 1, 4).node("a = Add x b").node("b = Relu a").output("b");
    assertThatThrownBy(cycle::read).hasMessageContaining("is part of a cycle");
    Nets missing = new Nets(13).input("x", 1, 4).node("a = Add x gone").output("a");
    assertThatThrownBy(missing::read).hasMessageContaining("reads 'gone', which no node computes");
  }

  @Test
  void nodesInAnyOrderAreSorted() {
    Imported net = new Nets(13).input("x", 1, 4).node("y = Relu a").node("a = Sigmoid x").output("y").read();
    assertThat(operators(net.graph())).containsExactly("Sigmoid", "Relu");
  }

  @Test
  void anInputWhoseSizeIsOpenMustBeGiven() {
    Nets net = new Nets(13).input("tokens", "N", "T", 8).node("y = Relu tokens").output("y");
    assertThatThrownBy(net::read).hasMessage("net.onnx: input 'tokens' leaves the size of axis 1 open: give its shape");
    Graph graph = net.read(ReadOptions.none().shape("tokens", Shape.of(1, 7, 8))).graph();
    assertThat(graph.inputs().getFirst().fixed()).isEmpty();
  }

  @Test
  void fileWithoutAVersionOfItsOperatorsIsRefused() {
    OnnxGraph graph = new OnnxGraph("g", List.of(), List.of(), List.of(), List.of(), List.of());
    OnnxModel model = new OnnxModel(8, "", Map.of(), graph, List.of(), Map.of());
    assertThatThrownBy(() -> OnnxReader.read(model, "f", ReadOptions.none())).isInstanceOf(FoveaException.class)
        .hasMessage("f: does not say which version of ONNX's operators it uses (opset_import); export it again");
  }
}
