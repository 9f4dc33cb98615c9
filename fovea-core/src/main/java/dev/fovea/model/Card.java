package dev.fovea.model;

import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model card: the metadata that belongs to a graph and its parameters.
 *
 * @param network the network's name, such as {@code lenet5}
 * @param classes the names of the classes in label order
 * @param preprocessing how an image becomes the network's input
 * @param provenance the origin of the parameters: data and its hash, seed, settings, version; free text by key
 */
public record Card(String network, List<String> classes, Preprocessing preprocessing, Map<String, String> provenance) {
  public Card {
    classes = List.copyOf(classes);
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    if (classes.size() < 2) {
      throw new FoveaException("a classifier needs 2 classes or more, got " + classes);
    }
  }

  public Card provenance(Map<String, String> provenance) {
    return new Card(network, classes, preprocessing, provenance);
  }
}
