package dev.fovea.data;

/** Half of the JVM's memory ({@code -Xmx}), for the images of a run: those of the data sets that come first are cached in it. */
public final class CacheBudget {
  private long left = Runtime.getRuntime().maxMemory() / 2;

  /** The same images, cached only if what is left suffices for them. */
  public PreprocessedDataset take(PreprocessedDataset images) {
    PreprocessedDataset limited = images.within(left);
    left -= limited.cachedBytes();
    return limited;
  }
}
