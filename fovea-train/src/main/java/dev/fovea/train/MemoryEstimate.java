package dev.fovea.train;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.model.ProcessMemory;

/**
 * The memory that a batch needs, in bytes, as the active engine plans it; nothing is allocated. Images are not counted.
 *
 * @param parameters the network's parameters
 * @param inference what a prediction needs besides them
 * @param training what a training step needs besides them, gradients included
 * @param momentum one optimizer slot, as SGD with momentum keeps; other optimizers keep one to three
 */
public record MemoryEstimate(long parameters, long inference, long training, long momentum) {
  /** Of a model's forward graph, {@link dev.fovea.model.Model#graphOf} or {@link dev.fovea.model.Model#graph}. */
  public static MemoryEstimate of(Graph graph, int batch) {
    MemoryEstimate prediction = ofPrediction(graph, batch);
    Parameters parameters = Parameters.declared(graph);
    Graph trainingGraph = TrainingGraph.of(graph, Loss.forGraph(graph), batch);
    return new MemoryEstimate(
        prediction.parameters,
        prediction.inference,
        Backends.find().compile(trainingGraph, parameters, 1).workspaceBytes(),
        (long) Float.BYTES * parameters.trainableSize());
  }

  /** Of any graph, without what training would need. */
  public static MemoryEstimate ofPrediction(Graph graph, int batch) {
    Parameters parameters = Parameters.declared(graph);
    Graph inferenceGraph = Rewrite.inference(Rewrite.withBatch(graph, batch));
    return new MemoryEstimate((long) Float.BYTES * parameters.size(),
        Backends.find().compile(inferenceGraph, parameters, 1).workspaceBytes(), 0, 0);
  }

  /** The peak memory of a process that predicts. */
  public long inferencePeakBytes() {
    return new ProcessMemory(parameters, inference).peak();
  }

  /** The peak memory of a process that trains with SGD and momentum into a folder. */
  public long trainingPeakBytes() {
    return new ProcessMemory(parameters, training + momentum).peakOfRun();
  }
}
