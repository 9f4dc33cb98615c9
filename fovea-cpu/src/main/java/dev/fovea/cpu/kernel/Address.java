package dev.fovea.cpu.kernel;

/** Where a buffer is stored: an array of the workspace, by index, and an offset into it. */
public record Address(int array, int offset) {}
