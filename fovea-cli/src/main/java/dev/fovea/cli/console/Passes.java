package dev.fovea.cli.console;

import dev.fovea.explain.Explainer;
import java.util.Locale;

/** What running a network on many images takes, said before it is done. */
public final class Passes {
  /** Fewer are not worth a line. */
  private static final int MANY = 100;

  private static final int MIB = 1 << 20;

  private Passes() {}

  /** Says the number of forward passes, how many images are run at once, and the memory for that. */
  public static void say(Streams streams, Explainer network, int count) {
    if (count > MANY) {
      streams.say(String.format(Locale.ROOT, "%,d forward passes, %d at once in %,d MiB of memory", count, network.batch(count),
          Math.ceilDiv(network.bytes(count), MIB)));
    }
  }
}
