package dev.fovea.formats.torch;

import dev.fovea.format.Quote;
import dev.fovea.formats.torch.StoredValue.Dense;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tensors in what was saved, by their names: a dictionary of tensors, found within the dictionaries that training scripts save it in,
 * and without the prefixes that wrappers of modules give to all names.
 *
 * @param notes what was looked through, one line each
 */
record StateDict(Map<String, StoredValue> tensors, List<String> notes) {
  /** The keys under which scripts save a state dict, the first that is there counts; averaged weights before those of the last step. */
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model_state", "model", "net", "network", "params_ema", "params", "weights",
          "module",
          "student", "generator");

  /** Prefixes of {@code DataParallel} and of compiled modules. */
  private static final List<String> PREFIXES = List.of("module.", "_orig_mod.");

  /** A counter that {@code AveragedModel} has beside the module. */
  private static final String AVERAGED = "n_averaged";

  private static final int MAX_DEPTH = 4;

  static StateDict of(Object root, String source) {
    List<String> notes = new ArrayList<>();
    if (root instanceof Dense tensor) {
      return new StateDict(Map.of("tensor", tensor), List.of("the file holds one tensor without a name"));
    }
    if (!(root instanceof Map<?, ?> map)) {
      throw none(source, "a list or a value");
    }
    Search search = new Search();
    Map<?, ?> found = map;
    List<? extends Map.Entry<?, ?>> inner = search.candidates(found, 0);
    for (int depth = 1; search.isWrapper(found, inner); depth++) {
      Map.Entry<?, ?> known = known(inner);
      if (known == null) {
        return new StateDict(joined(inner, notes), notes);
      }
      notes.add("the tensors are under " + quote(known.getKey()) + others(inner, known));
      found = (Map<?, ?>) known.getValue();
      inner = search.candidates(found, depth);
    }
    Map<String, StoredValue> tensors = tensors(found);
    if (tensors.isEmpty()) {
      throw none(source, "a dictionary of " + described(map));
    }
    if (tensors.size() < found.size()) {
      notes.add((found.size() - tensors.size()) + " entries beside the tensors are not tensors");
    }
    return new StateDict(withoutPrefixes(tensors, notes), notes);
  }

  private static Map<String, StoredValue> tensors(Map<?, ?> map) {
    Map<String, StoredValue> tensors = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (key instanceof String name && value instanceof StoredValue tensor) {
        tensors.put(name, tensor);
      }
    });
    return tensors;
  }

  /** Looks for dictionaries of tensors; each dictionary is looked through once, however often it is referred to. */
  private static final class Search {
    private final IdentityHashMap<Map<?, ?>, Integer> counts = new IdentityHashMap<>();

    private int count(Map<?, ?> map) {
      return counts.computeIfAbsent(map, dict -> tensors(dict).size());
    }

    /** Whether what is inside has more tensors than the dictionary itself, which may have some, such as the best accuracy. */
    boolean isWrapper(Map<?, ?> map, List<? extends Map.Entry<?, ?>> inner) {
      return !inner.isEmpty()
          && (count(map) == 0
              || inner.stream().anyMatch(entry -> entry.getValue() instanceof Map<?, ?> dict && count(dict) > count(map)
                  && WRAPPERS.contains(entry.getKey())));
    }

    /** The entries that are dictionaries of tensors, or known wrappers of such. */
    List<? extends Map.Entry<?, ?>> candidates(Map<?, ?> map, int depth) {
      return map.entrySet().stream()
          .filter(entry -> entry.getKey() instanceof String key && entry.getValue() instanceof Map<?, ?> inner
              && (count(inner) > 0
                  || depth < MAX_DEPTH && WRAPPERS.contains(key) && !candidates(inner, depth + 1).isEmpty()))
          .toList();
    }
  }

  /** The only one, or that of the first known wrapper; null if there are several unknown ones. */
  private static Map.@Nullable Entry<?, ?> known(List<? extends Map.Entry<?, ?>> candidates) {
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    for (String wrapper : WRAPPERS) {
      for (Map.Entry<?, ?> candidate : candidates) {
        if (wrapper.equals(candidate.getKey())) {
          return candidate;
        }
      }
    }
    return null;
  }

  private static String others(List<? extends Map.Entry<?, ?>> candidates, Map.Entry<?, ?> taken) {
    return candidates.size() == 1
        ? ""
        : candidates.stream().filter(entry -> !entry.getKey().equals(taken.getKey())).map(entry -> quote(entry.getKey()))
            .collect(Collectors.joining(", ", "; not read are those under ", ""));
  }

  /** Several state dicts, such as those of an encoder and a decoder, with their keys before the names. */
  private static Map<String, StoredValue> joined(List<? extends Map.Entry<?, ?>> dicts, List<String> notes) {
    Map<String, StoredValue> all = new LinkedHashMap<>();
    for (Map.Entry<?, ?> dict : dicts) {
      tensors((Map<?, ?>) dict.getValue()).forEach((name, tensor) -> all.put(dict.getKey() + "." + name, tensor));
    }
    notes.add("the names begin with the key of their dictionary: "
        + dicts.stream().map(entry -> quote(entry.getKey())).collect(Collectors.joining(", ")));
    return all;
  }

  private static Map<String, StoredValue> withoutPrefixes(Map<String, StoredValue> tensors, List<String> notes) {
    Map<String, StoredValue> current = tensors;
    for (boolean removed = true; removed;) {
      removed = false;
      for (String prefix : PREFIXES) {
        if (current.keySet().stream().allMatch(name -> name.startsWith(prefix) || name.equals(AVERAGED))
            && current.size() > (current.containsKey(AVERAGED) ? 1 : 0)) {
          Map<String, StoredValue> shorter = new LinkedHashMap<>();
          current.forEach((name, tensor) -> shorter.put(name.equals(AVERAGED) ? name : name.substring(prefix.length()), tensor));
          notes.add("the prefix " + Quote.quote(prefix) + " of all names is removed");
          current = shorter;
          removed = true;
        }
      }
    }
    return current;
  }

  private static String described(Map<?, ?> map) {
    List<String> keys = map.keySet().stream().limit(4).map(StateDict::quote).toList();
    return keys.isEmpty() ? "nothing" : String.join(", ", keys) + (map.size() > keys.size() ? " and more" : "");
  }

  private static String quote(Object key) {
    return Quote.quote(String.valueOf(key));
  }

  private static FoveaException none(String source, String what) {
    return new FoveaException(source + ": has no dictionary of tensors; what was saved is " + what
        + "; save the weights: torch.save(model.state_dict(), FILE)");
  }
}
