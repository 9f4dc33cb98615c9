package dev.fovea.bench;

import dev.fovea.tensor.Rng;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The time of one random number. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RngBenchmark {
  private static final int COUNT = 4096;

  private final Rng rng = Rng.of(1).at("bench");
  private final float[] out = new float[COUNT];

  @Benchmark
  @OperationsPerInvocation(COUNT)
  public float[] uniform() {
    for (int i = 0; i < COUNT; i++) {
      out[i] = rng.uniform(i);
    }
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(COUNT)
  public float[] gaussian() {
    for (int i = 0; i < COUNT; i++) {
      out[i] = rng.gaussian(i);
    }
    return out;
  }
}
