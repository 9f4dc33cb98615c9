package dev.fovea.zoo.notation;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AdaptiveMaxPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.GaussianPool2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.LeakyRelu;
import dev.fovea.layer.Linear;
import dev.fovea.layer.LocalResponseNorm;
import dev.fovea.layer.LpPool2d;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Maxout;
import dev.fovea.layer.TrainablePool2d;
import dev.fovea.layer.WeightInit;
import dev.fovea.layer.ZeroPadToEven;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.notation.NotationStep.Pool;

/** Converts a step of the {@link Notation} to its layer. */
final class NotationLayers {
  private static final double SIGMA = 1;

  private NotationLayers() {}

  /** @param classes the units of a last fc without a number */
  static Layer of(NotationStep step, int classes) {
    return switch (step) {
      case NotationStep.Conv c -> new Conv2d(c.filters(), c.window(), c.groups(), c.bias(), WeightInit.HE);
      case Pool p when p.evened() -> (g, x) -> evened(p, g, x);
      case Pool p -> pool(p.kind(), p.window());
      case NotationStep.Adaptive a -> a.max() ? AdaptiveMaxPool2d.of(a.h(), a.w()) : AdaptiveAvgPool2d.of(a.h(), a.w());
      case NotationStep.Fc f -> flattened(new Linear(f.units().orElse(classes), f.bias(), WeightInit.TORCH));
      case NotationStep.Activate a -> a.activation();
      case NotationStep.LeakyRelu l -> new LeakyRelu(l.slope());
      case NotationStep.Maxout m -> Maxout.of(m.pieces());
      case NotationStep.Dropout d -> new Dropout(d.rate());
      case NotationStep.BatchNorm _ -> BatchNorm2d.standard();
      case NotationStep.Lrn l -> LocalResponseNorm.of(l.size());
      case NotationStep.Flatten _ -> new Flatten();
    };
  }

  private static Layer flattened(Layer linear) {
    return (g, x) -> linear.apply(g, g.shape(x).rank() == 2 ? x : new Flatten().apply(g, x));
  }

  private static Layer pool(Pool.Kind kind, Window w) {
    return switch (kind) {
      case MAX -> new MaxPool2d(w);
      case MEAN -> new AvgPool2d(w, true);
      case GAUSSIAN -> new GaussianPool2d(w, SIGMA);
      case TRAINABLE -> new TrainablePool2d(w, (_, y) -> y);
      case LP -> new LpPool2d(w, 2);
    };
  }

  /** Halves even sides; odd ones are first padded with a row or column of zeros. */
  private static Value evened(Pool p, GraphBuilder g, Value x) {
    Shape shape = g.shape(x);
    boolean odd = shape.rank() == 4 && (shape.dim(2) % 2 == 1 || shape.dim(3) % 2 == 1);
    return pool(p.kind(), p.window()).apply(g, odd ? new ZeroPadToEven().apply(g, x) : x);
  }
}
