package dev.fovea.train;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.model.ProcessMemory;

/**
 * What a batch needs of memory as the active engine plans it, in bytes; nothing of it is taken. TestImages are not counted.
 *
 * @param parameters the network's numbers
 * @param inference what a prediction needs beside them
 * @param training what a step needs beside them, gradients included
 * @param momentum what SGD keeps, and other optimizers once or twice
 */
public record MemoryEstimate(long parameters, long inference, long training, long momentum) {
  /** Of a model's forward graph, {@link dev.fovea.model.Model#graphOf} or {@link dev.fovea.model.Model#graph}. */
  public static MemoryEstimate of(Graph graph, int batch) {
    Parameters parameters = Parameters.declared(graph);
    Graph predicts = Rewrite.inference(Rewrite.withBatch(graph, batch));
    Graph trains = TrainingGraph.of(graph, Loss.forGraph(graph), batch);
    return new MemoryEstimate(
        (long) Float.BYTES * parameters.size(),
        Backends.find().compile(predicts, parameters, 1).workspaceBytes(),
        Backends.find().compile(trains, parameters, 1).workspaceBytes(),
        (long) Float.BYTES * parameters.trainableSize());
  }

  /** The peak of a process that predicts. */
  public long predictingPeak() {
    return new ProcessMemory(parameters, inference).peak();
  }

  /** The peak of a process that trains by SGD with momentum into a folder. */
  public long trainingPeak() {
    return new ProcessMemory(parameters, training + momentum).peakOfRun();
  }
}
