package dev.fovea.cpu;

/** Where a buffer lies: an array of the workspace, by number, and an offset into it. */
public record Place(int array, int offset) {}
