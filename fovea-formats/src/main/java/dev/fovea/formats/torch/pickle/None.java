package dev.fovea.formats.torch.pickle;

/** Python's {@code None}. */
public enum None {
  NONE
}
