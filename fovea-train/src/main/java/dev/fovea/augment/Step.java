package dev.fovea.augment;

/** A part of an {@link Augmentation}: changes one image, or mixes those of a batch. */
public sealed interface Step permits Transform, Mixing {
  /** Its name, which is the key of its random numbers: other steps do not change them. */
  String name();
}
