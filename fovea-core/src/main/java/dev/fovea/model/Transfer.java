package dev.fovea.model;

import dev.fovea.format.Quote;
import dev.fovea.format.TensorFile;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The result of loading weights from a file into parameters: every tensor with the name and the shape of a parameter is loaded. The
 * other parameters keep their values, so a network with another number of classes keeps its own last layer.
 *
 * <p>A fully connected layer's weight of {@code out x in} and a convolution's of {@code out x C x H x W} with the same number of values
 * are the same weights, in the same order, and load into each other. Names of timm and of former versions of torchvision are known.
 *
 * @param loaded the parameters that were loaded
 * @param missing the parameters that are missing in the file
 * @param mismatched the parameters whose tensor has another shape or type, each with both shapes
 * @param unused the tensors whose name is not that of a parameter
 * @param notes what was done to make names and shapes meet, and what in the file no network needs, one line each
 */
public record Transfer(List<String> loaded, List<String> missing, List<String> mismatched, List<String> unused,
    List<String> notes) {
  private static final int MAX_LISTED = 6;

  /** Counts of batches in PyTorch's BatchNorm and of averaged models, which only training on in PyTorch uses. */
  private static final Set<String> COUNTERS = Set.of("num_batches_tracked", "n_averaged");

  /** Heads of torchvision's networks that only training uses. */
  private static final List<String> TRAINING_HEADS = List.of("aux_classifier.", "aux1.", "aux2.", "AuxLogits.");

  public Transfer {
    loaded = List.copyOf(loaded);
    missing = List.copyOf(missing);
    mismatched = List.copyOf(mismatched);
    unused = List.copyOf(unused);
    notes = List.copyOf(notes);
  }

  /**
   * Loads a file of any format, whether a model or weights, into a model's parameters.
   *
   * @throws FoveaException if none of its tensors fits
   */
  static Transfer of(Path file, Model model) {
    try (TensorFile tensors = ModelFormats.tensors(file)) {
      Transfer transfer = of(tensors, file, NameMap.none(), model);
      if (transfer.loaded.isEmpty()) {
        throw new FoveaException(file + ": none of its tensors has the name and the shape of one of the network's "
            + model.parameters().entries().size() + " parameters: give the weights of a network that shares layers with it");
      }
      return transfer;
    }
  }

  /**
   * Loads an open file's tensors into a model's parameters, under other names where the map has them. Whether all that the network
   * needs was loaded is for the caller to ask: {@link #isComplete}.
   *
   * @param file the file's path, for messages
   * @throws FoveaException if the map has a name that the file or the network lacks, or a value is not finite
   */
  public static Transfer of(TensorFile tensors, Path file, NameMap map, Model model) {
    return new Loader(tensors, file, model).load(map);
  }

  /** Whether no parameter is missing or has another shape; those of heads that only training uses may all be missing. */
  public boolean isComplete() {
    return missing.isEmpty() && mismatched.isEmpty();
  }

  /** All names, one a line under headings; what is complete is left out. */
  public String report() {
    return (loaded.size() + " of " + (loaded.size() + missing.size() + mismatched.size()) + " parameters loaded")
        + block("missing in the file", missing) + block("of another shape in the file", mismatched)
        + block("in the file, but not in the network", unused) + block("notes", notes);
  }

  private static String block(String heading, List<String> lines) {
    return lines.isEmpty()
        ? ""
        : lines.stream().collect(Collectors.joining("\n  ", "\n" + heading + " (" + lines.size() + "):\n  ", ""));
  }

  /** One transfer in progress. */
  private static final class Loader {
    private final TensorFile tensors;
    private final Path file;
    private final Parameters parameters;
    private final Set<String> trainingOnly;
    private final List<String> loaded = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> mismatched = new ArrayList<>();
    private final List<String> notes;

    Loader(TensorFile tensors, Path file, Model model) {
      this.tensors = tensors;
      this.file = file;
      this.parameters = model.parameters();
      this.trainingOnly = model.graph().params().stream().map(Op.Param::name).collect(Collectors.toSet());
      Rewrite.inference(model.graph()).params().forEach(param -> trainingOnly.remove(param.name()));
      this.notes = new ArrayList<>(tensors.notes());
    }

    Transfer load(NameMap map) {
      Map<String, String> fileNames = fileNames(map);
      for (Parameters.Entry entry : parameters.entries()) {
        String name = fileNames.getOrDefault(entry.name(), entry.name());
        if (!tensors.has(name)) {
          missing.add(entry.name());
        } else if (tensors.isReadable(name) && fits(name, entry.shape())) {
          tensors.readInto(name, parameters.values(), entry.offset());
          requireFinite(parameters.values(), entry, file);
          loaded.add(entry.name());
        } else {
          mismatched.add(entry.name() + " (" + described(name) + " in the file, " + entry.shape() + " here)");
        }
      }
      if (!trainingOnly.isEmpty() && missing.containsAll(trainingOnly)) {
        missing.removeAll(trainingOnly);
        notes.add(trainingOnly.size() + " parameters of heads that only training uses are not in the file and keep their values");
      }
      if (!loaded.isEmpty()) {
        parameters.changed();
      }
      return new Transfer(loaded, missing, mismatched, unused(fileNames), notes);
    }

    /** For each name in the network that differs, the name in the file. */
    private Map<String, String> fileNames(NameMap map) {
      Set<String> known = parameters.entries().stream().map(Parameters.Entry::name).collect(Collectors.toSet());
      for (NameMap.Pair pair : map.pairs()) {
        String place = map.source() + ":" + pair.line() + ": ";
        if (!tensors.has(pair.inFile())) {
          throw new FoveaException(
              place + file + " has no tensor " + Quote.quote(pair.inFile()) + near(pair.inFile(), tensors.names()));
        }
        if (!known.contains(pair.inNetwork())) {
          throw new FoveaException(
              place + "the network has no parameter " + Quote.quote(pair.inNetwork()) + near(pair.inNetwork(), known));
        }
      }
      NameMap found = map;
      if (map.pairs().isEmpty()) {
        found = KnownNames.of(tensors.names(), known);
        if (!found.pairs().isEmpty()) {
          notes.add("names: " + found.source());
        }
      }
      return found.pairs().stream().collect(Collectors.toMap(NameMap.Pair::inNetwork, NameMap.Pair::inFile));
    }

    private static String near(String name, Collection<String> known) {
      return Names.near(name, known).map(other -> "; did you mean '" + other + "'?").orElse("");
    }

    private boolean fits(String name, Shape shape) {
      Shape stored = tensors.shape(name);
      if (stored.equals(shape)) {
        return true;
      }
      boolean sameWeights =
          stored.size() == shape.size() && stored.rank() > 0 && shape.rank() > 0 && stored.dim(0) == shape.dim(0)
              && (stored.rank() == 2 && shape.rank() == 4 || stored.rank() == 4 && shape.rank() == 2);
      if (sameWeights) {
        notes.add(name + " of " + stored + " is loaded as " + shape);
      }
      return sameWeights;
    }

    private String described(String name) {
      return tensors.isReadable(name) ? tensors.shape(name).toString() : tensors.dtype(name);
    }

    /** The tensors that are not loaded, but for those that no network needs. */
    private List<String> unused(Map<String, String> fileNames) {
      Set<String> used = new HashSet<>(fileNames.values());
      List<String> rest = tensors.names().stream()
          .filter(name -> !used.contains(name) && !(parameters.has(name) && !fileNames.containsKey(name))).toList();
      List<String> unused = rest.stream().filter(name -> !isCounter(name) && !isTrainingHead(name)).toList();
      note(rest.stream().filter(Loader::isCounter).toList(), "counters, which are not needed");
      note(rest.stream().filter(name -> !isCounter(name) && isTrainingHead(name)).toList(),
          "tensors of heads that only training uses, which the network lacks");
      return unused;
    }

    private void note(List<String> names, String what) {
      if (!names.isEmpty()) {
        notes.add(names.size() + " " + what + ", such as " + names.getFirst());
      }
    }

    private static boolean isCounter(String name) {
      return COUNTERS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private static boolean isTrainingHead(String name) {
      return TRAINING_HEADS.stream().anyMatch(name::startsWith);
    }
  }

  private static void requireFinite(float[] values, Parameters.Entry entry, Path file) {
    for (int i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
      if (!Float.isFinite(values[i])) {
        throw new FoveaException(
            file + ": " + entry.name() + " holds " + values[i] + ", which is not finite: its training"
                + " diverged, or the file is damaged; use an earlier one");
      }
    }
  }

  /**
   * A one-line summary with long lists truncated: {@code 28 of 30 parameters loaded; missing in the file: score.weight,
   * score.bias}.
   */
  @Override
  public String toString() {
    int all = loaded.size() + missing.size() + mismatched.size();
    return loaded.size() + " of " + all + " parameters loaded" + listed("missing in the file", missing)
        + listed("shape mismatch, not loaded", mismatched) + listed("unused in the file", unused)
        + notes.stream().map(note -> "; " + note).collect(Collectors.joining());
  }

  private static String listed(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    int shown = names.size() <= MAX_LISTED + 1 ? names.size() : MAX_LISTED;
    return "; " + what + ": " + String.join(", ", names.subList(0, shown))
        + (shown < names.size() ? " and " + (names.size() - shown) + " more" : "");
  }
}
