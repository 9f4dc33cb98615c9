package dev.fovea.formats.torch.pickle;

import dev.fovea.format.Quote;

/** A Python class or function that a pickle names and that is not allowed; it is never looked up. */
public record Foreign(String module, String name) {
  /** How a pickle would use it. */
  public enum Use {
    /** It is called. */
    CALL,
    /** An object of it is created, within the pickled value. */
    PART,
    /** The pickled value is an object of it. */
    WHOLE,
    /** It is only named. */
    MENTION
  }

  /** Its full name, such as {@code 'posix.system'}. */
  @Override
  public String toString() {
    return Quote.quote(module + "." + name);
  }
}
