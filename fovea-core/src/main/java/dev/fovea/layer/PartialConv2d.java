package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution in which each output map reads only some input maps: LeCun et al. 1998, table I. The weight has the dense shape;
 * a frozen {@code mask} keeps unconnected weights at zero.
 *
 * @param reads for each output map the input maps that it reads
 */
public record PartialConv2d(List<List<Integer>> reads, Window window) implements Layer {
  public PartialConv2d {
    reads = reads.stream().map(List::copyOf).toList();
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    List<Integer> connected = new ArrayList<>();
    for (int k = 0; k < reads.size(); k++) {
      for (int c : reads.get(k)) {
        if (c < 0 || c >= channels) {
          throw new FoveaException(g.qualified("PartialConv2d") + " reads map " + c + " of " + channels);
        }
        connected.add(k * channels + c);
      }
    }
    Shape shape = Shape.of(reads.size(), channels, window.kernelH(), window.kernelW());
    Init init = Init.torch(shape.sizeFrom(1));
    Value mask = g.frozen("mask", Shape.of(reads.size(), channels, 1, 1), new Init.Ones(connected));
    Value weight = g.mul(g.param("weight", shape, init), mask);
    return g.op(new Op.Conv(window, 1), x, weight, g.param("bias", Shape.of(reads.size()), init));
  }
}
