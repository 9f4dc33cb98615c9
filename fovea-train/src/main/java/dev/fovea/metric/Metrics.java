package dev.fovea.metric;

/** The metrics of a network on a data set, by what it tells of an image. */
public sealed interface Metrics permits Evaluation, LabelMetrics, NumberMetrics {
  /** The number of images, or of labelled pixels. */
  long count();

  /** The mean of the task's standard loss, whichever was trained with; NaN if the network's outputs are NaN. */
  double loss();

  /** The metric by which epochs are compared. */
  Metric metric();

  /** The value of {@link #metric}; higher is better. */
  double score();
}
