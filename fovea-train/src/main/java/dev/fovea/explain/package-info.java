/** The arithmetic of tutorials on convolutional networks, number by number: what a convolution computes, and what goes back through it. */
@NullMarked
package dev.fovea.explain;

import org.jspecify.annotations.NullMarked;
