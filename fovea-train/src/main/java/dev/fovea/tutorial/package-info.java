/** The arithmetic of tutorials on convolutional networks, step by step: what a convolution computes, and its backward pass. */
@NullMarked
package dev.fovea.tutorial;

import org.jspecify.annotations.NullMarked;
