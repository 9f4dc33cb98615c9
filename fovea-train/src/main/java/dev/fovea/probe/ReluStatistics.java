package dev.fovea.probe;

/**
 * The units of a rectifier, which are its channels.
 *
 * @param layer its path in the network
 * @param units their number
 * @param dead those whose output is 0 for all of the images, at each position
 * @param images the number of images
 */
public record ReluStatistics(String layer, int units, int dead, int images) {}
