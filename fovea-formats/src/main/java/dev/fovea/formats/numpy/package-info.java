/** NumPy's arrays: .npy and .npz. */
@NullMarked
package dev.fovea.formats.numpy;

import org.jspecify.annotations.NullMarked;
