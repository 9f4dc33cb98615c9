package dev.fovea.cli.bench;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.NetworkOptions;
import dev.fovea.cli.option.Networks;
import dev.fovea.data.download.Cache;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.ProcessMemory;
import dev.fovea.optim.OptimizerState;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Loss;
import dev.fovea.train.TrainingGraph;
import dev.fovea.zoo.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The networks and steps that bench measures: random weights, and always the same random batch. */
public final class BenchModel {
  private static final long SEED = 1;
  private static final double LEARNING_RATE = 0.001;
  private static final double MOMENTUM = 0.9;

  private BenchModel() {}

  public static Model create(Network network, NetworkOptions networkOptions, Shape input) {
    Layer layer = networkOptions.layer(network, network.classes());
    int outputs = Networks.graph(network, layer, input).outputShape(Model.OUTPUT).dim(1);
    List<String> classes = IntStream.range(0, Math.max(2, outputs)).mapToObj(String::valueOf).toList();
    return Model.create(layer, new Card(network.name(), classes, Preprocessing.of(input, Fit.STRETCH), Map.of()), SEED);
  }

  /** The same, read from a file in the cache, which is written if it is missing or unreadable. */
  public static Model stored(Network network, NetworkOptions networkOptions, Shape input, Streams streams) {
    String name =
        fileName(network) + "-" + network.classes() + "-" + input
            + String.join("", networkOptions.chosen(network).values().stream().map(v -> "-" + v).toList());
    Path file = folder().resolve(name + ".safetensors");
    if (Files.exists(file)) {
      try {
        return Model.load(file);
      } catch (FoveaException e) {
        // Another version wrote it, or only a part of it: it is written again.
      }
    }
    create(network, networkOptions, input).save(file);
    streams.say("wrote " + file + "; run the command again for the time of a cold start");
    return Model.load(file);
  }

  /** A notation by its hash: it may be long, and has characters that file systems refuse. */
  private static String fileName(Network network) {
    String name = Networks.fileName(network);
    return name.equals(network.name()) ? name : name + "-" + Long.toHexString(Rng.of(0).at(network.name()).key());
  }

  private static Path folder() {
    Path folder = Cache.folder().resolve("bench");
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FoveaException(folder + ": cannot be created: " + e.getClass().getSimpleName().replace("Exception", "")
          + "; name another folder in the environment variable " + Cache.VARIABLE, e);
    }
  }

  /** The measured step, and its planned memory. */
  public record Job(Runnable step, ProcessMemory memory, Program program, Workspace workspace) {}

  /** Predicts a batch. */
  public static Job prediction(Model model, int batch, int threads) {
    // the program whose memory is planned is the one that runs: compiling it again would count in a cold start
    Map<Integer, Program> programs = new HashMap<>();
    IntFunction<Program> programOf = n -> programs.computeIfAbsent(n, count -> model.program(count, threads));
    ProcessMemory memory = ProcessMemory.of(batch, n -> programOf.apply(n).workspaceBytes() + bytes(model, n));
    Program program = programOf.apply(batch);
    Workspace workspace = program.workspace();
    Map<String, float[]> inputs = new HashMap<>();
    program.graph().inputs().forEach(input -> inputs.put(input.name(), images(input.shape().size())));
    String output = model.mainOutput();
    return new Job(() -> {
      inputs.forEach((name, values) -> put(values, workspace.input(name)));
      program.run(workspace);
      requireFinite(workspace.output(output));
    }, memory, program, workspace);
  }

  /** Performs a step of SGD with momentum, and reads its loss. */
  public static Job trainingStep(Model model, int batch, int threads) {
    Parameters parameters = model.parameters();
    Sgd sgd = Sgd.momentum(MOMENTUM);
    long stateBytes = (long) Float.BYTES * sgd.slots() * parameters.trainableSize();
    ProcessMemory memory =
        ProcessMemory.of(batch, n -> stateBytes + trainingProgram(model, n, threads).workspaceBytes() + bytes(model, n));
    Program program = trainingProgram(model, batch, threads);
    Workspace workspace = program.workspace();
    float[] images = images(model.input().batch(batch).size());
    float[] labels = labels(model, workspace.input(TrainingGraph.LABELS).shape().size());
    OptimizerState optimizer = OptimizerState.of(sgd, parameters, threads);
    long[] step = {0};
    return new Job(() -> {
      put(images, workspace.input(Model.INPUT));
      put(labels, workspace.input(TrainingGraph.LABELS));
      workspace.random(Rng.of(SEED).at(step[0]));
      program.run(workspace);
      requireFinite(workspace.output(TrainingGraph.LOSS));
      optimizer.step(workspace.gradients(), LEARNING_RATE, step[0]++);
      TrainingGraph.moveStatistics(program, workspace, parameters);
      parameters.changed();
    }, memory, program, workspace);
  }

  private static Program trainingProgram(Model model, int batch, int threads) {
    Graph graph = TrainingGraph.of(model, Loss.forModel(model), batch);
    return Backends.find().compile(graph, model.parameters(), threads);
  }

  private static long bytes(Model model, int images) {
    return (long) Float.BYTES * images * model.input().size();
  }

  private static float[] images(int size) {
    float[] values = new float[size];
    Rng random = Rng.of(SEED).at("pictures"); // the key determines every value
    for (int i = 0; i < values.length; i++) {
      values[i] = random.uniform(i);
    }
    return values;
  }

  private static float[] labels(Model model, int count) {
    float[] values = new float[count];
    Rng random = Rng.of(SEED).at("labels");
    for (int i = 0; i < count; i++) {
      values[i] = random.below(i, model.card().classes().size());
    }
    return values;
  }

  private static void put(float[] values, Workspace.Slot slot) {
    System.arraycopy(values, 0, slot.array(), slot.offset(), values.length);
  }

  /** Reads a result, which shows that it was computed. */
  private static void requireFinite(Workspace.Slot result) {
    if (!Float.isFinite(result.array()[result.offset()])) {
      throw new FoveaException("the network's values are no longer finite: the measurement is not valid");
    }
  }
}
