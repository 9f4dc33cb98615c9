/** The training loop: {@link dev.fovea.train.Trainer}, its loss, augmentation, events and checkpoints. */
@NullMarked
package dev.fovea.train;

import org.jspecify.annotations.NullMarked;
