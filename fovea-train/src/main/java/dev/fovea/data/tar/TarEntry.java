package dev.fovea.data.tar;

/**
 * A regular file in an archive.
 *
 * @param name as in the archive; never used as a path
 * @param offset of its first byte in the archive
 * @param size in bytes; all of them are in the archive
 */
public record TarEntry(String name, long offset, long size) {}
