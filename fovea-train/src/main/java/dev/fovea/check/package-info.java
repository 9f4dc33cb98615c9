/** What can be known before a run: about its images, its network and its settings. */
@NullMarked
package dev.fovea.check;

import org.jspecify.annotations.NullMarked;
