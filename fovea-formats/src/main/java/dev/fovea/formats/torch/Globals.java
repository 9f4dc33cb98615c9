package dev.fovea.formats.torch;

import dev.fovea.format.Quote;
import dev.fovea.formats.torch.Known.ElementType;
import dev.fovea.formats.torch.Known.Inert;
import dev.fovea.formats.torch.Known.Rebuilder;
import dev.fovea.formats.torch.Known.StorageClass;
import dev.fovea.formats.torch.Known.UnsupportedForm;
import dev.fovea.formats.torch.StoredValue.Dense;
import dev.fovea.formats.torch.StoredValue.Unsupported;
import dev.fovea.formats.torch.pickle.Foreign;
import dev.fovea.formats.torch.pickle.Host;
import dev.fovea.formats.torch.pickle.None;
import dev.fovea.formats.torch.pickle.Tuple;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a checkpoint's pickle refers to: the {@link Known} names, and the storages, which it collects. */
final class Globals implements Host {
  /** The limit of a storage's elements, so that the number of its bytes does not overflow. */
  private static final long MAX_ELEMENTS = Long.MAX_VALUE / 16;

  /** The advice where a file has more than tensors. */
  private static final String SAVE_WEIGHTS = "save its weights alone: torch.save(model.state_dict(), FILE)";

  private final String source;
  private final Map<String, Storage> storages = new LinkedHashMap<>();

  Globals(String source) {
    this.source = source;
  }

  /** The whole storages by their keys, in the order of the pickle. */
  Map<String, Storage> storages() {
    return storages;
  }

  @Override
  public Optional<Object> global(String module, String name) {
    return Known.of(module, name).map(known -> known);
  }

  @Override
  public boolean isInert(Object value) {
    return value instanceof Known || value instanceof StoredValue;
  }

  @Override
  public FoveaException refused(Foreign foreign, Foreign.Use use) {
    String what = switch (use) {
      case CALL -> "calls " + foreign + ", which rebuilds no tensor; nothing was executed";
      case MENTION -> "refers to " + foreign + ", which is not needed for tensors; nothing was executed; " + SAVE_WEIGHTS;
      case PART -> "has an object of the Python class " + foreign + ", which needs Python; nothing was executed; " + SAVE_WEIGHTS;
      case WHOLE ->
          "is a whole pickled module, an object of the Python class " + foreign + ", which needs Python; nothing was executed; "
              + SAVE_WEIGHTS;
    };
    return new FoveaException(source + ": " + what);
  }

  @Override
  public Object call(Object callee, List<Object> arguments) {
    return switch (callee) {
      case Rebuilder rebuilder -> rebuilt(rebuilder, arguments);
      case UnsupportedForm(var what) -> new Unsupported(what);
      case Inert inert -> inert;
      case StorageClass _, ElementType _ -> throw invalid("it calls a type of elements");
      default -> throw invalid("it calls a value that is not a function");
    };
  }

  private Object rebuilt(Rebuilder rebuilder, List<Object> arguments) {
    return switch (rebuilder) {
      case TENSOR -> tensor(arguments, Optional.empty());
      case TENSOR_V3 -> argument(arguments, 6) instanceof ElementType(var type)
          ? tensor(arguments, Optional.of(type))
          : unexpected("an element type");
      case PARAMETER, DEVICE_TENSOR -> argument(arguments, 0) instanceof StoredValue tensor ? tensor : unexpected("a tensor");
      case FROM_TYPE -> fromType(arguments);
      case SIZE -> argument(arguments, 0) instanceof Tuple size ? size : unexpected("a tuple of sizes");
      case ORDERED_DICT -> orderedDict(arguments);
      case DEFAULT_DICT -> new LinkedHashMap<>();
    };
  }

  /** A tensor of a subclass in Python: the function that rebuilds it, the class, and the function's arguments. */
  private Object fromType(List<Object> arguments) {
    if (argument(arguments, 1) instanceof Foreign foreign) {
      throw refused(foreign, Foreign.Use.PART);
    }
    if (!(argument(arguments, 0) instanceof Rebuilder rebuilder) || rebuilder == Rebuilder.FROM_TYPE
        || !(argument(arguments, 2) instanceof Tuple(var inner))) {
      return unexpected("a function, a class and the function's arguments");
    }
    return rebuilt(rebuilder, inner);
  }

  /** Python 2 wrote the entries as a list of pairs. */
  private Object orderedDict(List<Object> arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (!arguments.isEmpty() && arguments.getFirst() instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (!(pair instanceof List<?> entry) || entry.size() != 2 || !(entry.getFirst() instanceof String key)) {
          return unexpected("pairs of a name and a value");
        }
        map.put(key, entry.getLast());
      }
    }
    return map;
  }

  private Dense tensor(List<Object> arguments, Optional<TorchType> named) {
    if (!(argument(arguments, 0) instanceof Storage storage)) {
      throw invalid("a tensor needs a storage");
    }
    TorchType type = named.orElse(storage.type());
    long offset = integer(argument(arguments, 1));
    List<Long> dims = integers(argument(arguments, 2));
    List<Long> strides = integers(argument(arguments, 3));
    if (dims.size() != strides.size() || dims.size() > 64) {
      throw invalid("a tensor has " + dims.size() + " sizes and " + strides.size() + " strides");
    }
    Dense tensor = new Dense(storage, type, offset, dims, strides);
    checkWithinStorage(tensor);
    return tensor;
  }

  private void checkWithinStorage(Dense tensor) {
    Storage storage = tensor.storage();
    long available = storage.type() == TorchType.UNTYPED ? storage.count() / tensor.type().bytes() : storage.count();
    try {
      long size = 1;
      long last = tensor.offset();
      boolean negative = last < 0;
      for (int axis = 0; axis < tensor.dims().size(); axis++) {
        long dim = tensor.dims().get(axis);
        long stride = tensor.strides().get(axis);
        negative |= dim < 0 || stride < 0;
        size = Math.multiplyExact(size, dim);
        last = Math.addExact(last, Math.multiplyExact(dim - 1, stride));
      }
      if (negative) {
        throw invalid("a tensor has a negative size, stride or offset");
      }
      if (size > 0 && last >= available) {
        throw invalid("a tensor of " + tensor.dimsText() + " reaches element " + last + " of a storage of " + available);
      }
      if (size > Math.max(available, 1 << 20)) {
        throw invalid("a tensor of " + tensor.dimsText() + " repeats the " + available + " elements of its storage");
      }
    } catch (ArithmeticException e) {
      throw invalid("a tensor of " + tensor.dimsText() + " has more than 2^63 elements", e);
    }
  }

  /** The identifiers {@code ('storage', class, key, location, elements[, (key, offset, elements)])}; the location is a device. */
  @Override
  public Object persistent(Object id) {
    if (!(id instanceof Tuple(var items)) || items.size() < 2) {
      throw invalid("a persistent identifier is not a tuple");
    }
    if ("module".equals(items.getFirst()) && items.get(1) instanceof Foreign foreign) {
      throw refused(foreign, Foreign.Use.WHOLE);
    }
    if (!"storage".equals(items.getFirst()) || !(items.get(1) instanceof StorageClass(var type)) || items.size() < 5
        || items.size() > 6) {
      throw invalid("a persistent identifier does not name a storage");
    }
    String key = text(items.get(2));
    long elements = integer(items.get(4));
    if (elements < 0 || elements > MAX_ELEMENTS) {
      throw invalid("storage " + Quote.quote(key) + " has " + elements + " elements");
    }
    Storage whole = new Storage(type, key, elements, 0, elements);
    Storage known = storages.putIfAbsent(key, whole);
    if (known != null && known.bytes() != whole.bytes()) {
      throw invalid("storage " + Quote.quote(key) + " has " + known.bytes() + " bytes here and " + whole.bytes() + " there");
    }
    return items.size() == 6 && items.get(5) instanceof Tuple(var view) ? part(whole, view) : whole;
  }

  private Storage part(Storage whole, List<Object> view) {
    long first = integer(argument(view, 1));
    long count = integer(argument(view, 2));
    if (first < 0 || count < 0 || first > whole.elements() - count) {
      throw invalid("a part of storage " + Quote.quote(whole.key()) + " does not lie within it");
    }
    return new Storage(whole.type(), whole.key(), whole.elements(), first, count);
  }

  private Object argument(List<Object> arguments, int index) {
    if (index >= arguments.size()) {
      throw invalid("a function has " + arguments.size() + " arguments, expected more than " + index);
    }
    return arguments.get(index);
  }

  private List<Long> integers(Object value) {
    if (!(value instanceof Tuple(var items))) {
      throw invalid("sizes and strides are not tuples");
    }
    List<Long> integers = new ArrayList<>(items.size());
    items.forEach(item -> integers.add(integer(item)));
    return List.copyOf(integers);
  }

  private long integer(Object value) {
    if (value instanceof Long integer) {
      return integer;
    }
    throw invalid("a size is not an integer of 64 bits");
  }

  private String text(Object value) {
    return switch (value) {
      case String text -> text;
      case Long number -> number.toString();
      case None _ -> throw invalid("a storage has no key");
      default -> throw invalid("a storage's key is not a text");
    };
  }

  private Object unexpected(String expected) {
    throw invalid("a function's arguments are not as expected: " + expected);
  }

  private FoveaException invalid(String what) {
    return new FoveaException(source + ": not a valid PyTorch checkpoint: " + what);
  }

  private FoveaException invalid(String what, Throwable cause) {
    return new FoveaException(source + ": not a valid PyTorch checkpoint: " + what, cause);
  }
}
