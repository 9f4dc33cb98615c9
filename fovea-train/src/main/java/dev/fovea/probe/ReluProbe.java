package dev.fovea.probe;

import dev.fovea.data.Samples;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Counts the dead units of a network's rectifiers. It runs the graph for inference, where each rectifier has one more output: the
 * mean of each channel, which is 0 exactly if the channel is 0 everywhere. Nothing else is kept, so this takes no more memory than
 * a prediction.
 */
public final class ReluProbe {
  /** A unit that is active for 4 % of the images is active for at least one of 128 with a probability of 99 %. */
  public static final int IMAGES = 128;

  /** The inference graph for a batch, with the rectifiers' means as its outputs. */
  private final Graph graph;

  private final Parameters parameters;
  private final List<Node> rectifiers;
  private final int batch;
  private final Shape output;
  private final int threads;
  private final SharedWorkspace memory;
  private Optional<Program> program = Optional.empty();

  /**
   * Nothing is compiled before the first run.
   *
   * @param forward the forward graph of a network
   * @param batch the number of images to run at once, at most
   * @param images the number of images that there are
   */
  public ReluProbe(Graph forward, Parameters parameters, int batch, int images, int threads, SharedWorkspace memory) {
    this.parameters = parameters;
    this.batch = Math.min(Math.min(batch, images), IMAGES);
    this.threads = threads;
    this.memory = memory;
    this.output = forward.outputShape(Model.OUTPUT);
    Graph inference = Rewrite.inference(Rewrite.withBatch(forward, this.batch));
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, inference, (_, _, _) -> Optional.empty());
    List<Node> found = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Node node = inference.nodes().get(i);
      if (isRectifier(node)) {
        g.output(String.valueOf(found.size()), g.op(new Op.BatchMean(), values.get(i)));
        found.add(node);
      }
    }
    this.rectifiers = List.copyOf(found);
    this.graph = Rewrite.prune(g.build());
  }

  private static boolean isRectifier(Node node) {
    boolean mapped = node.shape().rank() == 2 || node.shape().rank() == 4;
    return mapped && (node.op() instanceof Op.Relu || node.op() instanceof Op.Clip(float min, float max) && min == 0 && max == 6);
  }

  /**
   * The rectifiers in the graph's order, for evenly spaced samples: whole batches, at least one.
   *
   * @param limit the number of samples, at most {@value #IMAGES}
   */
  public List<ReluStatistics> run(Samples samples, int limit) {
    if (rectifiers.isEmpty()) {
      return List.of();
    }
    int images = Math.max(1, Math.min(Math.min(limit, IMAGES), samples.size()) / batch) * batch;
    Program compiled = program.orElseGet(() -> Backends.find().compile(graph, parameters, threads));
    program = Optional.of(compiled);
    Workspace workspace = memory.workspace(compiled);
    boolean[][] active = rectifiers.stream().map(node -> new boolean[node.shape().dim(1)]).toArray(boolean[][]::new);
    float[] labels = new float[samples.labels(output)];
    for (int from = 0; from < images; from += batch) {
      for (int row = 0; row < batch; row++) {
        samples.read((int) ((long) (from + row) * samples.size() / images), workspace, row, labels, 0);
      }
      compiled.run(workspace);
      for (int i = 0; i < active.length; i++) {
        Workspace.Slot means = workspace.output(String.valueOf(i));
        for (int unit = 0; unit < active[i].length; unit++) {
          active[i][unit] |= means.array()[means.offset() + unit] != 0;
        }
      }
    }
    return IntStream.range(0, active.length).mapToObj(i -> statistics(rectifiers.get(i), active[i], images)).toList();
  }

  private ReluStatistics statistics(Node node, boolean[] active, int images) {
    int dead = 0;
    for (boolean unit : active) {
      dead += unit ? 0 : 1;
    }
    return new ReluStatistics(node.where(), active.length, dead, images);
  }
}
