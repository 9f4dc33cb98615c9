/**
 * The training loop: {@link dev.fovea.train.Trainer}, its loader, loss, events and checkpoints. The package has more than 25 files:
 * the loop, the loss and what they read share what only they may see.
 */
@NullMarked
package dev.fovea.train;

import org.jspecify.annotations.NullMarked;
