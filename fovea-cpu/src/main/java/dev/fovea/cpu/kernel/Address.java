package dev.fovea.cpu.kernel;

/** Where a buffer lies: an array of the workspace, by number, and an offset into it. */
public record Address(int array, int offset) {}
