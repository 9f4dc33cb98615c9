package dev.fovea.formats.file;

/**
 * An entry of a {@link ZipArchive}.
 *
 * @param start the position of its bytes in the file
 * @param compressedSize the number of its bytes in the file
 * @param size the number of bytes that it expands to
 * @param checksum the CRC-32 of those
 */
public record ZipEntry(String name, boolean deflated, long start, long compressedSize, long size, long checksum) {}
