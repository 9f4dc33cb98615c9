package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Program;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BilinearUpsample2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import dev.fovea.model.Model;
import dev.fovea.model.Transfer;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks with skips that are trained in stages, each from the weights of the one before (Long et al. 2015, section 4.2). */
class FcnStagesTest {
  @TempDir
  private Path folder;

  private static Map<String, Op.Param> params(int stride) {
    Graph graph = Model.graphOf(new Fcn(21, stride, false), Shape.of(3, 64, 64));
    Map<String, Op.Param> params = new LinkedHashMap<>();
    graph.params().forEach(param -> params.put(param.name(), param));
    return params;
  }

  /** No weights are allocated: names, shapes and initialisations are in the graph. */
  @ParameterizedTest
  @CsvSource({"32, 16, score_pool4", "16, 8, score_pool3"})
  void finerNetworkHasTheCoarserOnesParametersAndAZeroScore(int coarse, int fine, String score) {
    Map<String, Op.Param> before = params(coarse);
    Map<String, Op.Param> after = params(fine);
    before.values().stream().filter(Op.Param::trainable)
        .forEach(param -> assertThat(after.get(param.name())).as(param.name()).isEqualTo(param));
    assertThat(after.values().stream().filter(Op.Param::trainable).map(Op.Param::name).filter(name -> !before.containsKey(name)))
        .containsExactly(score + ".weight", score + ".bias");
    for (String name : new String[] {score + ".weight", score + ".bias"}) {
      assertThat(after.values().stream().filter(p -> p.name().equals(name)).map(Op.Param::init))
          .containsExactly(new Init.Constant(0));
    }
    assertThat(after.values().stream().filter(param -> !param.trainable()).map(Op.Param::init))
        .isNotEmpty()
        .allMatch(Init.Bilinear.class::isInstance);
  }

  /** A small {@link Fcn}: scores at stride 4, upsampled in one step, or first to stride 2, with or without a skip there. */
  private record Stage(boolean coarse, boolean skip) implements Layer {
    @Override
    public Value apply(GraphBuilder g, Value image) {
      Value half = Sequential.of(Conv2d.of(4, 3).stride(2).padding(1).named("conv1"), Activation.RELU).apply(g, image);
      Value quarter = Sequential.of(Conv2d.of(6, 3).stride(2).padding(1).named("conv2"), Activation.RELU).apply(g, half);
      Value score = Conv2d.of(3, 1).named("score_fr").apply(g, quarter);
      if (coarse) {
        return enlarged(g, "upscore", 4, score, image);
      }
      Value up = enlarged(g, "upscore2", 2, score, half);
      Value fine = skip ? g.add(up, Conv2d.of(3, 1).init(WeightInit.ZERO).named("score_pool").apply(g, half)) : up;
      return enlarged(g, "upscore_last", 2, fine, image);
    }

    private static Value enlarged(GraphBuilder g, String name, int factor, Value x, Value reference) {
      Value up = new BilinearUpsample2d(2 * factor, factor, false).named(name).apply(g, x);
      return g.op(new Op.Crop(factor / 2, factor / 2), up, reference);
    }
  }

  private static Model model(boolean coarse, boolean skip, long seed) {
    return Model.create(new Stage(coarse, skip), Shape.of(2, 8, 12), seed);
  }

  private static float[] logits(Model model) {
    Program program = model.program(1, 1);
    Workspace workspace = program.workspace();
    Slot in = workspace.input(Model.INPUT);
    for (int i = 0; i < in.shape().size(); i++) {
      in.array()[in.offset() + i] = Rng.of(8).uniform(i, -1, 1);
    }
    program.run(workspace);
    Slot out = workspace.output(Model.OUTPUT);
    return Arrays.copyOfRange(out.array(), out.offset(), out.offset() + out.shape().size());
  }

  @Test
  void newSkipInitiallyChangesNothing() {
    Path file = folder.resolve("coarse.safetensors");
    model(true, false, 1).save(file);
    Model fine = model(false, true, 2);
    Model without = model(false, false, 3);
    assertThat(logits(fine)).isNotEqualTo(logits(without));
    Transfer transfer = fine.loadWeights(file);
    without.loadWeights(file);
    assertThat(transfer.loaded()).containsExactly(
        "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "score_fr.weight", "score_fr.bias");
    assertThat(transfer.missing())
        .containsExactly("score_pool.weight", "score_pool.bias", "upscore2.weight", "upscore_last.weight");
    assertThat(transfer.unused()).containsExactly("upscore.weight");
    assertThat(logits(fine)).containsExactly(logits(without));
    fine.parameters().values()[fine.parameters().entry("score_pool.bias").offset()] = 1;
    fine.parameters().changed();
    assertThat(logits(fine)).isNotEqualTo(logits(without));
  }
}
