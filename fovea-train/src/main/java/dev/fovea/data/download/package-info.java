/** Downloads of public files into a cache, checked by their hashes. */
@NullMarked
package dev.fovea.data.download;

import org.jspecify.annotations.NullMarked;
