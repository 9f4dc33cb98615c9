/** Files: safetensors, the JSON inside its header, and writing that never leaves half a file behind. */
@NullMarked
package dev.fovea.format;

import org.jspecify.annotations.NullMarked;
