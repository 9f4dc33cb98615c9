package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model card: the metadata that belongs to a graph and its parameters.
 *
 * @param network the network's name, such as {@code lenet5}
 * @param task what the model's main output means
 * @param image how an image becomes the network's input; empty if the network reads something else
 * @param integers the outputs that hold integers, such as class indices
 * @param temperature what the logits of one label are divided by before the softmax, above 0; 1 if it was not calibrated (Guo et
 *     al. 2017, On calibration of modern neural networks, section 4.2). Segmentation and other tasks do not use it
 * @param provenance the origin of the parameters: data and its hash, seed, settings, version; free text by key
 */
public record Card(String network, Task task, Optional<Preprocessing> image, Set<String> integers, double temperature,
    Map<String, String> provenance) {
  /** The key of {@link #provenance} under which assumed classes are explained. */
  public static final String CLASSES = "assumed.classes";

  /** The key of {@link #provenance} under which assumed preprocessing is explained. */
  public static final String PREPROCESSING = "assumed.preprocessing";

  public Card {
    integers = Collections.unmodifiableSet(new LinkedHashSet<>(integers));
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("the temperature of a model must be a number above 0, got " + temperature);
    }
    if (task instanceof Task.OneLabel(List<String> classes) && classes.size() < 2) {
      throw new FoveaException("a classifier needs 2 classes or more, got " + classes);
    }
    if (task.isKnown() && task.size() == 0) {
      throw new FoveaException("a model of " + task.kind() + " needs the name of one or more");
    }
    if (task.isKnown() && image.isEmpty()) {
      throw new FoveaException("a model of " + task.size() + (task instanceof Task.Numbers ? " numbers" : " classes")
          + " needs its preprocessing: how an image becomes its input");
    }
  }

  /** The card of a model that was not calibrated. */
  public Card(String network, Task task, Optional<Preprocessing> image, Set<String> integers, Map<String, String> provenance) {
    this(network, task, image, integers, 1, provenance);
  }

  /**
   * With one label.
   *
   * @param classes the names of the classes in label order; if empty, nothing is known about the outputs
   */
  public Card(String network, List<String> classes, Optional<Preprocessing> image, Set<String> integers,
      Map<String, String> provenance) {
    this(network, oneLabel(classes), image, integers, provenance);
  }

  /** The card of a model that scores classes of images or of their pixels. */
  public Card(String network, List<String> classes, Preprocessing preprocessing, Map<String, String> provenance) {
    this(network, oneLabel(classes), preprocessing, provenance);
  }

  /** The card of a model for that task. */
  public Card(String network, Task task, Preprocessing preprocessing, Map<String, String> provenance) {
    this(network, task, Optional.of(preprocessing), Set.of(), provenance);
  }

  private static Task oneLabel(List<String> classes) {
    return classes.isEmpty() ? new Task.None() : new Task.OneLabel(classes);
  }

  /**
   * The card of a model whose file says nothing but its graph. If it has one input, a grey or colour image, and its main output is
   * one row of scores for each image, then the classes are numbered, images are stretched and their values are from 0 to 1; {@link
   * #provenance} says under {@value #CLASSES} and {@value #PREPROCESSING} that this is assumed. Else nothing is.
   */
  public static Card assumed(String network, Graph graph) {
    return AssumedCard.of(network, graph);
  }

  /** The card of a model of which only its name is known. */
  public static Card of(String network) {
    return new Card(network, new Task.None(), Optional.empty(), Set.of(), Map.of());
  }

  /**
   * How an image becomes the network's input.
   *
   * @throws FoveaException if that is not known
   */
  public Preprocessing preprocessing() {
    return image.orElseThrow(() -> new FoveaException(
        network
            + ": nothing is known about how an image becomes its input; run it on arrays, or convert it with its preprocessing"));
  }

  /** The names of the classes that the main output scores, in label order; empty if it scores none. */
  public List<String> classes() {
    return task instanceof Task.Numbers ? List.of() : task.names();
  }

  /** A copy with one label of other classes, which are not assumed. */
  public Card classes(List<String> classes) {
    return task(oneLabel(classes));
  }

  /** A copy for another task, which is not assumed. */
  public Card task(Task task) {
    return new Card(network, task, image, integers, temperature, without(CLASSES));
  }

  /** A copy with other preprocessing, which is not assumed. */
  public Card preprocessing(Preprocessing preprocessing) {
    return new Card(network, task, Optional.of(preprocessing), integers, temperature, without(PREPROCESSING));
  }

  private Map<String, String> without(String key) {
    Map<String, String> rest = new LinkedHashMap<>(provenance);
    rest.keySet().remove(key);
    return rest;
  }

  /** A copy whose outputs of these names hold integers. */
  public Card integers(Set<String> integers) {
    return new Card(network, task, image, integers, temperature, provenance);
  }

  public Card provenance(Map<String, String> provenance) {
    return new Card(network, task, image, integers, temperature, provenance);
  }

  /** A copy with another temperature, which belongs to the parameters: other parameters need another. */
  public Card temperature(double temperature) {
    return new Card(network, task, image, integers, temperature, provenance);
  }
}
