/** What is measured of a network in training: gradients, changes of weights, dead units, values that are not finite. */
@NullMarked
package dev.fovea.probe;

import org.jspecify.annotations.NullMarked;
