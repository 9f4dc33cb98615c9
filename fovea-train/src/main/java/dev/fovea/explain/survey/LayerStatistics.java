package dev.fovea.explain.survey;

import dev.fovea.tensor.Shape;
import java.util.OptionalDouble;

/**
 * What a layer's results are like over images: those after its normalisation and activation.
 *
 * @param path the layer's
 * @param shape of its result, without the batch
 * @param weightNorm the Euclidean norm of its weights; of a quantised layer that computes with integers in steps of its scale
 * @param activation the root mean square of its results
 * @param sparsity the share of results that are 0
 * @param rank the effective rank of its maps' means around their mean over images: the exponential of the entropy of their matrix's
 *     singular values, Roy and Vetterli 2007; at most the number of maps, and of images, of which 256 are used, evenly chosen; 0 if
 *     they do not differ
 * @param dead the share of maps or units that have the same value everywhere, in all images
 * @param gradient the mean Euclidean norm of the loss's derivative by an image's results; empty if what follows the layer has none, as
 *     in a quantised network
 * @param probe the accuracy of a linear classifier that reads its maps' means; empty if there are no images to train it on
 */
public record LayerStatistics(String path, String operator, Shape shape, double weightNorm, double activation, double sparsity,
    double rank, double dead, OptionalDouble gradient, OptionalDouble probe) {}
