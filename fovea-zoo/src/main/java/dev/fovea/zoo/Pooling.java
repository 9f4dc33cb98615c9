package dev.fovea.zoo;

import dev.fovea.layer.Activation;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.GaussianPool2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.TrainablePool2d;

/** The four kinds of pooling by 2 that a LeNet can be built with; all give the same output size. */
public enum Pooling {
  MAX,
  MEAN,
  /** A 3x3 window with sigma 1, stride 2. */
  GAUSSIAN,
  TRAINABLE;

  /** @param activation after trainable pooling, except maxout, which would halve the number of maps; other kinds ignore it */
  Layer halving(Activation activation) {
    return switch (this) {
      case MAX -> MaxPool2d.of(2);
      case MEAN -> AvgPool2d.of(2);
      case GAUSSIAN -> GaussianPool2d.of(3, 1.0);
      case TRAINABLE -> TrainablePool2d.of(2, activation.pieces() == 1 ? activation : (_, x) -> x);
    };
  }
}
