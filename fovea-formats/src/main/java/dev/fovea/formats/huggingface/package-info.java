/** Folders as Hugging Face's hub has them: {@code config.json} beside the weights. */
@NullMarked
package dev.fovea.formats.huggingface;

import org.jspecify.annotations.NullMarked;
