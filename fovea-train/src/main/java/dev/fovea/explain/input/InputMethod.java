package dev.fovea.explain.input;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.explain.Pass;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A method whose map is what one reverse pass brings to the network's input. */
interface InputMethod extends Method {
  String MAP = "map";

  /** What its numbers are. */
  default Attribution.Kind kind() {
    return Attribution.Kind.SENSITIVITY;
  }

  /** Appends the map to the network's graph. */
  Value map(Pass pass);

  @Override
  default Attribution explain(Explainer network, Tensor input, Answer answer) {
    Tensor map = map(network, input, answer);
    return new Attribution(name(), kind(), answer, Optional.empty(), Explainer.row(map, 0), Map.of());
  }

  /** The maps of a batch. */
  default Tensor map(Explainer network, Tensor inputs, Answer answer) {
    return Objects.requireNonNull(
        network.run(name(), inputs, answer, network::graph, pass -> Map.of(MAP, map(pass))).get(MAP));
  }

  /** The same with weights of the outputs for each image. */
  default Tensor map(Explainer network, Tensor inputs, Tensor weights) {
    return Objects.requireNonNull(
        network.run(name(), inputs, weights, network::graph, pass -> Map.of(MAP, map(pass))).get(MAP));
  }
}
