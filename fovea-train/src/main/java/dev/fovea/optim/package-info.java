/** Optimizers and learning rate schedules, one record each. */
@NullMarked
package dev.fovea.optim;

import org.jspecify.annotations.NullMarked;
