package dev.fovea.explain;

import dev.fovea.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to why a network gives an answer: what each number of its input, each place of a layer's map or each part of the image
 * contributes to the score.
 *
 * @param method its name
 * @param kind what the map's numbers are
 * @param layer the path of the layer whose map it is; empty for one at the input
 * @param map raw, {@code C x H x W} or {@code H x W}
 * @param errors of the properties that the method promises, by name, such as how far its map's sum is from the score
 */
public record Attribution(String method, Kind kind, Answer answer, Optional<String> layer, Tensor map,
    Map<String, Double> errors) {
  /** What a map's numbers are. */
  public enum Kind {
    /** How the score changes with each number of the input: their size says how much, their sign hardly anything to people. */
    SENSITIVITY,
    /** Parts of the score, for it or against it. */
    CONTRIBUTION,
    /** Where what speaks for the score is. */
    EVIDENCE
  }

  public Attribution {
    errors = Collections.unmodifiableMap(new LinkedHashMap<>(errors));
  }
}
