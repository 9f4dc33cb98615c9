package dev.fovea.formats.onnx.read;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.formats.onnx.proto.OnnxValue.Dim;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The shapes of a network's inputs: as asked for, as the file declares them, and for what it leaves open the usual ones. */
final class InputShapes {
  /** The height and width of images whose size the file leaves open: what most networks were trained with. */
  private static final int SIDE = 224;

  private static final int MAX_CHANNELS = 4;

  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Map<String, Set<Integer>> open = new HashMap<>();
  private final List<String> notes = new ArrayList<>();

  /** @param constants the inputs that have a value
   * @param wanted shapes of inputs by name, with or without the batch axis, which then is 1 */
  InputShapes(List<OnnxValue> inputs, Set<String> constants, Map<String, Shape> wanted) {
    for (OnnxValue input : inputs) {
      if (!constants.contains(input.name())) {
        shapes.put(input.name(), shape(input, wanted.get(input.name())));
      }
    }
    for (String name : wanted.keySet()) {
      if (!shapes.containsKey(name)) {
        throw new FoveaException("has no input " + Quote.quote(name) + "; its inputs: "
            + shapes.keySet().stream().map(Quote::quote).collect(Collectors.joining(", ")));
      }
    }
  }

  Map<String, Shape> shapes() {
    return shapes;
  }

  /** Whether the file leaves the size of that axis open. */
  boolean isOpen(String input, int axis) {
    return open.getOrDefault(input, Set.of()).contains(axis);
  }

  List<String> notes() {
    return notes;
  }

  private Shape shape(OnnxValue input, @Nullable Shape given) {
    String where = "input " + Quote.quote(input.name());
    if (!input.kind().isEmpty() && !input.kind().equals("tensor")) {
      throw new FoveaException(where + " is a " + input.kind() + ", only tensors are supported");
    }
    if (!input.type().isFloat() && !input.type().isInteger()) {
      throw new FoveaException(where + " has elements of type " + input.type() + ", expected numbers");
    }
    List<Dim> declared = input.dims().orElse(null);
    boolean ofOneImage = given != null && declared != null && given.rank() + 1 == declared.size();
    Shape wanted = ofOneImage ? Objects.requireNonNull(given).batch(1) : given;
    if (declared == null) {
      if (wanted == null) {
        throw new FoveaException(where + " has no declared shape: give it");
      }
      return wanted;
    }
    if (wanted != null && wanted.rank() != declared.size()) {
      throw new FoveaException(where + " has " + declared.size() + " axes, got " + wanted);
    }
    List<Integer> sizes = new ArrayList<>();
    List<String> chosen = new ArrayList<>();
    for (int axis = 0; axis < declared.size(); axis++) {
      int fixed = declared.get(axis) instanceof Dim.Size(long size) && size > 0 ? (int) Math.min(Integer.MAX_VALUE, size) : 0;
      if (fixed == 0) {
        open.computeIfAbsent(input.name(), _ -> new HashSet<>()).add(axis);
      }
      if (wanted != null) {
        // a size of its own that the network may still replay at
        sizes.add(wanted.dim(axis));
      } else if (fixed > 0) {
        sizes.add(fixed);
      } else {
        int size = usual(declared, axis);
        if (size == 0) {
          throw new FoveaException(where + " leaves the size of axis " + axis + " open: give its shape");
        }
        sizes.add(size);
        if (axis > 0) {
          chosen.add(axis + " as " + size);
        }
      }
    }
    if (!chosen.isEmpty()) {
      notes.add(where + " leaves sizes open: took axis " + String.join(", axis ", chosen));
    }
    return new Shape(sizes);
  }

  /** One image; of an image whose channels are declared or are neither, the usual height and width; 0 where nothing is usual. */
  private static int usual(List<Dim> declared, int axis) {
    if (axis == 0) {
      return 1;
    }
    if (declared.size() != 4) {
      return 0;
    }
    boolean channelsLast = declared.get(3) instanceof Dim.Size(long c) && c >= 1 && c <= MAX_CHANNELS
        && !(declared.get(1) instanceof Dim.Size(long d) && d >= 1 && d <= MAX_CHANNELS);
    int channels = channelsLast ? 3 : 1;
    return axis == channels ? 3 : SIDE;
  }

  /** The axes of height and width of an input of images. */
  List<Integer> image(String input) {
    Shape shape = Objects.requireNonNull(shapes.get(input));
    if (shape.rank() != 4) {
      return List.of();
    }
    boolean channelsLast = isOpen(input, 1) == isOpen(input, 3)
        ? shape.dim(3) <= MAX_CHANNELS && shape.dim(1) > MAX_CHANNELS
        : isOpen(input, 1);
    return channelsLast ? List.of(1, 2) : List.of(2, 3);
  }
}
