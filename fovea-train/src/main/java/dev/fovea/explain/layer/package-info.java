/** Methods that weight the maps of a layer: class activation maps. */
@NullMarked
package dev.fovea.explain.layer;

import org.jspecify.annotations.NullMarked;
