package dev.fovea.cli.auto;

import dev.fovea.graph.Graph;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Optional;
import java.util.function.Function;

/**
 * A network that settings are chosen for.
 *
 * @param name for messages
 * @param trained whether its parameters are those of a trained network
 * @param input the size of its images, C x H x W
 * @param graphs its graph for images of a size, which may be refused
 */
public record Known(String name, boolean trained, Shape input, Function<Shape, Graph> graphs) {
  Graph graph() {
    return graphs.apply(input);
  }

  /** The number of scores that it gives an image, or a pixel. */
  int outputs() {
    return graph().outputShape(Model.OUTPUT).dim(1);
  }

  /** The same for images of that side; empty if it has one size only. */
  Optional<Known> at(int side) {
    Known sized = new Known(name, trained, Shape.of(input.dim(0), side, side), graphs);
    try {
      return Optional.of(sized).filter(known -> known.graph() != null);
    } catch (FoveaException e) {
      return Optional.empty();
    }
  }
}
