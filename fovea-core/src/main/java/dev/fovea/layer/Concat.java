package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.List;

/** The outputs of several branches on the same input, concatenated along the channels: Szegedy et al. 2014 (inception). */
public record Concat(List<Layer> branches) implements Layer {
  public Concat {
    branches = List.copyOf(branches);
  }

  public static Concat of(Layer... branches) {
    return new Concat(List.of(branches));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Concat(), branches.stream().map(branch -> branch.apply(g, x)).toList());
  }
}
