package dev.fovea.probe;

import dev.fovea.graph.Parameters;
import dev.fovea.graph.Parameters.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients and changes of the trainable parameters. Changes are those of evenly spaced elements of each, so that no copy of the
 * parameters is needed.
 */
public final class ParameterProbe {
  /** The elements of a parameter whose changes are measured: their norm then has an error of a few percent. */
  private static final int SAMPLE = 1024;

  private final Parameters parameters;
  private final List<Entry> entries;
  private List<float[]> atStart = List.of();
  private List<float[]> beforeStep = List.of();
  private double[] gradients = new double[0];

  /** Measures nothing yet. */
  public ParameterProbe(Parameters parameters) {
    this.parameters = parameters;
    this.entries = parameters.entries().stream().filter(Entry::trainable).toList();
  }

  /** An epoch begins with the current values. */
  public void beginEpoch() {
    atStart = samples();
  }

  /** A step with these gradients is about to be made. */
  public void beginStep(float[] gradients) {
    beforeStep = samples();
    this.gradients = entries.stream().mapToDouble(entry -> norm(gradients, entry)).toArray();
  }

  /** The step has been made. */
  public List<ParameterStatistics> endStep() {
    List<float[]> now = samples();
    List<ParameterStatistics> all = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      double moved = atStart.isEmpty() ? Double.NaN : change(atStart.get(i), now.get(i));
      all.add(new ParameterStatistics(
          entry.name(), entry.shape(), gradients[i], change(beforeStep.get(i), now.get(i)), moved));
    }
    return all;
  }

  private List<float[]> samples() {
    return entries.stream().map(this::sample).toList();
  }

  private float[] sample(Entry entry) {
    int size = entry.shape().size();
    float[] sample = new float[Math.min(size, SAMPLE)];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = parameters.values()[entry.offset() + (int) ((long) i * size / sample.length)];
    }
    return sample;
  }

  private static double norm(float[] values, Entry entry) {
    double sum = 0;
    for (int i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
      sum += (double) values[i] * values[i];
    }
    return Math.sqrt(sum);
  }

  private static double change(float[] from, float[] to) {
    double difference = 0;
    double sum = 0;
    for (int i = 0; i < from.length; i++) {
      difference += ((double) to[i] - from[i]) * ((double) to[i] - from[i]);
      sum += (double) from[i] * from[i];
    }
    return sum == 0 ? Double.NaN : Math.sqrt(difference / sum);
  }
}
