package dev.fovea.model;

import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a user needs beside a graph and its numbers.
 *
 * @param network what it is called, {@code lenet5}
 * @param classes the names of the classes in label order
 * @param preprocessing how an image becomes the network's input
 * @param provenance where the numbers come from: data and its hash, seed, settings, version; free text by key
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
