package dev.fovea.cli.console;

import dev.fovea.explain.Explainer;
import java.util.Locale;

/** What running a network on many images takes, said before it is done. */
public final class Passes {
  /** Fewer are not worth a line. */
  private static final int MANY = 100;

  private static final int MIB = 1 << 20;

  private Passes() {}

  /**
   * Says the number of forward passes, how many images are run at once, and the memory for that.
   *
   * @param reverse whether derivatives are computed, too
   */
  public static void say(Streams streams, Explainer network, long count, boolean reverse) {
    if (count > MANY) {
      int images = (int) Math.min(count, Integer.MAX_VALUE);
      streams.say(String.format(Locale.ROOT, "%,d forward passes, %d at once in %,d MiB of memory", count, network.batch(images),
          Math.ceilDiv(network.bytes(images, reverse), MIB)));
    }
  }
}
