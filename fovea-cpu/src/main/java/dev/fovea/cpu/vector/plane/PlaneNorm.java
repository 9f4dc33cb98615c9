package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.all;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Sums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Batch normalisation and its sums, with images or channels in the lanes. A plane's sixteen lanes have a coefficient each: with images
 * in the lanes all the same one, with channels one a channel. A unit is a plane or, of the sums, what makes up a channel's lanes.
 *
 * @param width numbers of a row; a sum goes row by row, each into its image's {@link Sums partial}, a double
 */
public record PlaneNorm(Layout layout, Shape shape, int inner, int width) {
  private static final int BLOCK = Layout.BLOCK;

  /** Floats that are computed at a time, so that a epilogue finds them in the first cache. */
  private static final int RUN = 4096;

  public static PlaneNorm of(Layout layout, Shape shape) {
    int inner = shape.sizeFrom(2);
    return new PlaneNorm(layout, shape, inner, shape.rank() == 4 ? shape.dim(3) : inner);
  }

  /** Floats of a plane. */
  private int size() {
    return inner * BLOCK;
  }

  private int channels() {
    return shape.dim(1);
  }

  private float count() {
    return (float) ((long) shape.dim(0) * inner);
  }

  private static float inverse(float variance, float epsilon) {
    return 1 / (float) Math.sqrt(variance + epsilon);
  }

  /** A number of each lane of a plane, as a function of its channel. */
  private interface OfChannel {
    float at(int c);
  }

  /** Planes from one of a channel's to its next. */
  private int period() {
    return layout == Layout.NCHW16N ? channels() : Layout.channelBlocks(shape);
  }

  /** Where a plane's coefficients lie among those of all. */
  private int of(int plane) {
    return plane % period() * BLOCK;
  }

  /**
   * What some planes' lanes have, once for all of them. Within the loop over planes it would be in the compiler's way, which takes a
   * second for both.
   */
  private float[] coefficients(int from, int to, OfChannel f) {
    float[] all = new float[period() * BLOCK];
    for (int plane = from; plane < Math.min(to, from + period()); plane++) {
      int at = of(plane);
      if (layout == Layout.NCHW16N) {
        Arrays.fill(all, at, at + BLOCK, f.at(plane % channels()));
      } else {
        for (int c = at; c < Math.min(channels(), at + BLOCK); c++) {
          all[c] = f.at(c);
        }
      }
    }
    return all;
  }

  private static float at(Memory m, Address vector, int c) {
    return m.array(vector.array())[vector.offset() + c];
  }

  /** Inputs x, and plain scale, bias, mean, variance. */
  public EpilogueKernel forward(float epsilon) {
    return (in, out, epilogue) -> Task.of(
        layout.planes(shape),
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          float[] means = coefficients(from, to, c -> at(m, in.get(3), c));
          float[] factors = coefficients(from, to, c -> at(m, in.get(1), c) * inverse(at(m, in.get(4), c), epsilon));
          float[] biases = coefficients(from, to, c -> at(m, in.get(2), c));
          for (int plane = from; plane < to; plane++) {
            for (int first = plane * size(); first < (plane + 1) * size(); first += RUN) {
              int end = Math.min(first + RUN, (plane + 1) * size());
              for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
                FloatVector mean = load(means, of(plane) + lane);
                FloatVector factor = load(factors, of(plane) + lane);
                FloatVector bias = load(biases, of(plane) + lane);
                for (int i = first + lane; i < end; i += BLOCK) {
                  load(x, in.getFirst().offset() + i).sub(mean).fma(factor, bias).intoArray(y, out.offset() + i);
                }
              }
              epilogue.run(m, out.offset() + first, end - first);
            }
          }
        });
  }

  /** Inputs dy and plain scale and variance. */
  public EpilogueKernel scaledGrad(float epsilon) {
    return (in, out, epilogue) -> Task.of(
        layout.planes(shape),
        (m, from, to) -> {
          float[] dy = m.array(in.getFirst().array());
          float[] dx = m.array(out.array());
          float[] factors = coefficients(from, to, c -> at(m, in.get(1), c) * inverse(at(m, in.get(2), c), epsilon));
          for (int plane = from; plane < to; plane++) {
            int first = plane * size();
            for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
              FloatVector factor = load(factors, of(plane) + lane);
              for (int i = first + lane; i < first + size(); i += BLOCK) {
                load(dy, in.getFirst().offset() + i).mul(factor).intoArray(dx, out.offset() + i);
              }
            }
            epilogue.run(m, out.offset() + first, size());
          }
        });
  }

  /** Inputs dy, plain scale and variance, x, and plain mean and what scale and bias received. */
  public EpilogueKernel batchGrad(float epsilon) {
    return (in, out, epilogue) -> Task.of(
        layout.planes(shape),
        (m, from, to) -> {
          float[] factors = coefficients(from, to, c -> at(m, in.get(1), c) * inverse(at(m, in.get(2), c), epsilon));
          float[] means = coefficients(from, to, c -> at(m, in.get(4), c));
          float[] perDistances =
              coefficients(from, to, c -> inverse(at(m, in.get(2), c), epsilon) * at(m, in.get(5), c) / count());
          float[][] lanes = {factors, means, perDistances, coefficients(from, to, c -> at(m, in.get(6), c) / count())};
          for (int plane = from; plane < to; plane++) {
            for (int first = plane * size(); first < (plane + 1) * size(); first += RUN) {
              int end = Math.min(first + RUN, (plane + 1) * size());
              batchGrad(m, in, out, plane, lanes, first, end);
              epilogue.run(m, out.offset() + first, end - first);
            }
          }
        });
  }

  private void batchGrad(Memory m, List<Address> in, Address out, int plane, float[][] lanes, int first, int end) {
    float[] dy = m.array(in.get(0).array());
    float[] x = m.array(in.get(3).array());
    float[] dx = m.array(out.array());
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      FloatVector factor = load(lanes[0], of(plane) + lane);
      FloatVector mean = load(lanes[1], of(plane) + lane);
      FloatVector perDistance = load(lanes[2], of(plane) + lane);
      FloatVector each = load(lanes[3], of(plane) + lane);
      VectorMask<Float> spare = images(plane, lane).not();
      for (int i = first + lane; i < end; i += BLOCK) {
        FloatVector distance = mean.sub(load(x, in.get(3).offset() + i));
        FloatVector own = load(dy, in.get(0).offset() + i).sub(each);
        factor.mul(distance.fma(perDistance, own)).blend(0, spare).intoArray(dx, out.offset() + i);
      }
    }
  }

  /** The lanes that hold an image; with channels in the lanes all do. */
  private VectorMask<Float> images(int plane, int lane) {
    return layout == Layout.NCHW16N
        ? Lanes.SPECIES.indexInRange(plane / channels() * BLOCK + lane, shape.dim(0))
        : Lanes.SPECIES.maskAll(true);
  }

  /** What a sum over rows adds up. */
  private enum Term {
    X,
    SQUARE,
    PRODUCT
  }

  /** Inputs x. */
  public Kernel mean() {
    return sums(Term.X, (m, in, c, sum) -> sum / count());
  }

  /** Inputs x and plain mean. */
  public Kernel variance() {
    return sums(Term.SQUARE, (m, in, c, sum) -> sum / count());
  }

  /** Inputs x, dy, and plain mean and variance. */
  public Kernel scaleGrad(float epsilon) {
    return sums(Term.PRODUCT, (m, in, c, sum) -> sum * inverse(at(m, in.get(3), c), epsilon));
  }

  private interface Last {
    double of(Memory m, List<Address> in, int c, double sum);
  }

  private Kernel sums(Term term, Last last) {
    return (in, out) -> Task.of(
        period(),
        (m, from, to) -> {
          float[] y = m.array(out.array());
          float[] means =
              term == Term.X ? new float[0] : coefficients(from, to, c -> at(m, in.get(term == Term.SQUARE ? 1 : 2), c));
          double[] partials = new double[BLOCK * BLOCK];
          double[] own = new double[BLOCK];
          for (int unit = from; unit < to; unit++) {
            Arrays.fill(partials, 0);
            add(m, in, term, unit, means, partials);
            if (layout == Layout.NCHW16N) {
              y[out.offset() + unit] = (float) last.of(m, in, unit, Sums.tree(partials, 0));
            } else {
              for (int c = unit * BLOCK; c < Math.min(channels(), (unit + 1) * BLOCK); c++) {
                for (int image = 0; image < BLOCK; image++) {
                  own[image] = partials[image * BLOCK + c % BLOCK];
                }
                y[out.offset() + c] = (float) last.of(m, in, c, Sums.tree(own, 0));
              }
            }
          }
        });
  }

  /** Adds the rows of all the unit's planes to the partial sums of their images. */
  private void add(Memory m, List<Address> in, Term term, int unit, float[] means, double[] partials) {
    float[] x = m.array(in.get(0).array());
    float[] dy = term == Term.PRODUCT ? m.array(in.get(1).array()) : x;
    int dyAt = term == Term.PRODUCT ? in.get(1).offset() : 0;
    for (int plane = unit; plane < layout.planes(shape); plane += period()) {
      switch (term) {
        case X -> addRows(x, in.get(0).offset(), partials, plane);
        case SQUARE -> addSquares(x, in.get(0).offset(), means, partials, plane);
        case PRODUCT -> addProducts(x, in.get(0).offset(), dy, dyAt, means, partials, plane);
      }
    }
  }

  /** The partial sum of a plane's first lane. */
  private int partial(int plane) {
    return layout == Layout.NCHW16N ? 0 : plane / Layout.channelBlocks(shape) % BLOCK * BLOCK;
  }

  // Each has its loops to itself: a vector that a call returns becomes an object where the call is not inlined.

  private void addRows(float[] x, int xAt, double[] partials, int plane) {
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      VectorMask<Float> valid = images(plane, lane);
      int first = xAt + plane * size() + lane;
      for (int row = first; row < first + size(); row += width * BLOCK) {
        FloatVector sum = all(0);
        for (int i = row; i < row + width * BLOCK; i += BLOCK) {
          sum = sum.add(load(x, i));
        }
        Lanes.addTo(partials, partial(plane) + lane, all(0).blend(sum, valid));
      }
    }
  }

  private void addSquares(float[] x, int xAt, float[] means, double[] partials, int plane) {
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      FloatVector mean = load(means, of(plane) + lane);
      VectorMask<Float> valid = images(plane, lane);
      int first = xAt + plane * size() + lane;
      for (int row = first; row < first + size(); row += width * BLOCK) {
        FloatVector sum = all(0);
        for (int i = row; i < row + width * BLOCK; i += BLOCK) {
          FloatVector distance = load(x, i).sub(mean);
          sum = distance.fma(distance, sum);
        }
        Lanes.addTo(partials, partial(plane) + lane, all(0).blend(sum, valid));
      }
    }
  }

  private void addProducts(float[] x, int xAt, float[] dy, int dyAt, float[] means, double[] partials, int plane) {
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      FloatVector mean = load(means, of(plane) + lane);
      VectorMask<Float> valid = images(plane, lane);
      int first = xAt + plane * size() + lane;
      for (int row = first; row < first + size(); row += width * BLOCK) {
        FloatVector sum = all(0);
        for (int i = row; i < row + width * BLOCK; i += BLOCK) {
          sum = load(x, i).sub(mean).fma(load(dy, i + dyAt - xAt), sum);
        }
        Lanes.addTo(partials, partial(plane) + lane, all(0).blend(sum, valid));
      }
    }
  }
}
