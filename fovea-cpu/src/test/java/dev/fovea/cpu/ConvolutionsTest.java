package dev.fovea.cpu;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.testkit.BackendEngine;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import dev.fovea.testkit.OpSuite;
import dev.fovea.testkit.SameBits;
import dev.fovea.testkit.Tolerance;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Convolutions of random shapes, with all their gradients: each kernel set matches the reference within the tolerance, and all give
 * the same bits. {@code mvn verify -pl fovea-cpu -am -Dtest=ConvolutionsTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dfovea.shapes=1000000} tests a million shapes; {@code -Dfovea.seed} and {@code -Dfovea.first} repeat one.
 */
class ConvolutionsTest {
  private static final long SHAPES = Long.getLong("fovea.shapes", 400);
  private static final long FIRST = Long.getLong("fovea.first", 0);
  private static final long PROGRESS_INTERVAL = 10_000;

  private final BackendEngine scalar = new BackendEngine(new ScalarBackend(), 1);
  private final BackendEngine nchw16n = new BackendEngine(new VectorBackend(Layout.NCHW16N), 2);
  private final BackendEngine nchw16c = new BackendEngine(new VectorBackend(Layout.NCHW16C), 3);

  @Test
  @Tag("slow")
  void randomShapesMatchTheReference() {
    long seed = OpCases.seed();
    long start = System.nanoTime();
    for (long i = FIRST; i < FIRST + SHAPES; i++) {
      OpCase c = OpCases.convolution(seed, i);
      try {
        OpSuite.check(nchw16c, Tolerance.WINOGRAD, c);
        SameBits.check(c, scalar, List.of(nchw16n, nchw16c));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-D" + OpCases.SEED + "=" + seed + " -Dfovea.first=" + i + " -Dfovea.shapes=1: " + c, e);
      }
      if ((i + 1 - FIRST) % PROGRESS_INTERVAL == 0) {
        System.err.printf("%,d of %,d shapes, %.0f s%n", i + 1 - FIRST, SHAPES, (System.nanoTime() - start) / 1e9);
      }
    }
  }
}
