package dev.fovea.formats.torch.pickle;

import dev.fovea.tensor.FoveaException;
import java.util.List;
import java.util.Optional;

/** What a pickle refers to outside itself: a few names with a meaning, and persistent objects. All are data. */
public interface Host {
  /** What stands for a Python class or function, or empty if it is not allowed. */
  Optional<Object> global(String module, String name);

  /** The result of calling what {@link #global} gave, or of creating an object of it. */
  Object call(Object callee, List<Object> arguments);

  /** Whether a value may be given a state, list items or dictionary entries, which are then dropped. */
  boolean isInert(Object value);

  /** The object that a persistent identifier stands for. */
  Object persistent(Object id);

  /** The message for a name that is not allowed, with what to do instead. */
  FoveaException refused(Foreign foreign, Foreign.Use use);
}
