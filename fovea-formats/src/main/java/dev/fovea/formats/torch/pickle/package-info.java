/** Python's pickle as data: a stack machine that builds lists, dictionaries and numbers, and calls nothing. */
@NullMarked
package dev.fovea.formats.torch.pickle;

import org.jspecify.annotations.NullMarked;
