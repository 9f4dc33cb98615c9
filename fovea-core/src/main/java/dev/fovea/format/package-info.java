/** File formats: safetensors, the JSON of its header, CSV for writing; text files, hashes, and atomic writing of files. */
@NullMarked
package dev.fovea.format;

import org.jspecify.annotations.NullMarked;
