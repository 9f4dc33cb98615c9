/** PyTorch's checkpoints, read without executing what is in them. */
@NullMarked
package dev.fovea.formats.torch;

import org.jspecify.annotations.NullMarked;
