package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
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
 * Batch normalisation and its sums, in NCHW16n or NCHW16c. A plane's sixteen lanes have a coefficient each: in NCHW16n they are
 * all equal, in NCHW16c there is one per channel. A unit is a plane or, of the sums, all planes of a channel or block of channels.
 *
 * @param inner the number of positions of a plane
 * @param width the number of positions of a row; a sum is computed row by row, and each row added to its image's
 *     {@link Sums partial sum}, a double
 */
public record PlaneNorm(Layout layout, Shape shape, int inner, int width) {
  private static final int BLOCK = Layout.BLOCK;

  /** The number of floats that are computed at a time, so that the epilogue finds them in the first-level cache. */
  private static final int CHUNK = 4096;

  public static PlaneNorm of(Layout layout, Shape shape) {
    int inner = shape.sizeFrom(2);
    return new PlaneNorm(layout, shape, inner, shape.rank() == 4 ? shape.dim(3) : inner);
  }

  /** The number of floats of a plane. */
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

  /** A coefficient as a function of the channel. */
  private interface ChannelFunction {
    float at(int c);
  }

  /** The number of planes of an image or a block of images: the distance of two planes of one channel. */
  private int planesPerImage() {
    return layout == Layout.NCHW16N ? channels() : Layout.channelBlocks(shape);
  }

  /** The offset of a plane's coefficients. */
  private int coefficientOffset(int plane) {
    return plane % planesPerImage() * BLOCK;
  }

  /**
   * Computes the coefficients of a range of planes. Inside the loop over planes this would slow down C2, which takes a second for
   * both together.
   */
  private float[] coefficients(int from, int to, ChannelFunction f) {
    float[] coefficients = new float[planesPerImage() * BLOCK];
    for (int plane = from; plane < Math.min(to, from + planesPerImage()); plane++) {
      int at = coefficientOffset(plane);
      if (layout == Layout.NCHW16N) {
        Arrays.fill(coefficients, at, at + BLOCK, f.at(plane % channels()));
      } else {
        for (int c = at; c < Math.min(channels(), at + BLOCK); c++) {
          coefficients[c] = f.at(c);
        }
      }
    }
    return coefficients;
  }

  private static float at(Memory m, Address vector, int c) {
    return m.array(vector.array())[vector.offset() + c];
  }

  /** Inputs: x; in NCHW scale, bias, mean, variance. */
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
            for (int first = plane * size(); first < (plane + 1) * size(); first += CHUNK) {
              int end = Math.min(first + CHUNK, (plane + 1) * size());
              for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
                FloatVector mean = load(means, coefficientOffset(plane) + lane);
                FloatVector factor = load(factors, coefficientOffset(plane) + lane);
                FloatVector bias = load(biases, coefficientOffset(plane) + lane);
                for (int i = first + lane; i < end; i += BLOCK) {
                  load(x, in.getFirst().offset() + i).sub(mean).fma(factor, bias).intoArray(y, out.offset() + i);
                }
              }
              epilogue.run(m, out.offset() + first, end - first);
            }
          }
        });
  }

  /** Inputs: dy; in NCHW scale and variance. */
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
              FloatVector factor = load(factors, coefficientOffset(plane) + lane);
              for (int i = first + lane; i < first + size(); i += BLOCK) {
                load(dy, in.getFirst().offset() + i).mul(factor).intoArray(dx, out.offset() + i);
              }
            }
            epilogue.run(m, out.offset() + first, size());
          }
        });
  }

  /** Inputs: dy; in NCHW scale and variance; x; in NCHW mean and the gradients of scale and bias. */
  public EpilogueKernel batchGrad(float epsilon) {
    return (in, out, epilogue) -> Task.of(
        layout.planes(shape),
        (m, from, to) -> {
          float[] factors = coefficients(from, to, c -> at(m, in.get(1), c) * inverse(at(m, in.get(2), c), epsilon));
          float[] means = coefficients(from, to, c -> at(m, in.get(4), c));
          float[] slopes =
              coefficients(from, to, c -> inverse(at(m, in.get(2), c), epsilon) * at(m, in.get(5), c) / count());
          float[][] lanes = {factors, means, slopes, coefficients(from, to, c -> at(m, in.get(6), c) / count())};
          for (int plane = from; plane < to; plane++) {
            for (int first = plane * size(); first < (plane + 1) * size(); first += CHUNK) {
              int end = Math.min(first + CHUNK, (plane + 1) * size());
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
      FloatVector factor = load(lanes[0], coefficientOffset(plane) + lane);
      FloatVector mean = load(lanes[1], coefficientOffset(plane) + lane);
      FloatVector slope = load(lanes[2], coefficientOffset(plane) + lane);
      FloatVector meanGrad = load(lanes[3], coefficientOffset(plane) + lane);
      VectorMask<Float> padding = images(plane, lane).not();
      for (int i = first + lane; i < end; i += BLOCK) {
        FloatVector difference = mean.sub(load(x, in.get(3).offset() + i));
        FloatVector centeredGrad = load(dy, in.get(0).offset() + i).sub(meanGrad);
        factor.mul(difference.fma(slope, centeredGrad)).blend(0, padding).intoArray(dx, out.offset() + i);
      }
    }
  }

  /** The lanes that hold an image: in NCHW16c all do. */
  private VectorMask<Float> images(int plane, int lane) {
    return layout == Layout.NCHW16N
        ? Lanes.SPECIES.indexInRange(plane / channels() * BLOCK + lane, shape.dim(0))
        : Lanes.SPECIES.maskAll(true);
  }

  /** The terms of a sum over rows. */
  private enum Term {
    X,
    SQUARE,
    PRODUCT
  }

  /** Input: x. */
  public Kernel mean() {
    return sums(Term.X, (m, in, c, sum) -> sum / count());
  }

  /** Inputs: x; in NCHW the mean. */
  public Kernel variance() {
    return sums(Term.SQUARE, (m, in, c, sum) -> sum / count());
  }

  /** Inputs: x, dy; in NCHW mean and variance. */
  public Kernel scaleGrad(float epsilon) {
    return sums(Term.PRODUCT, (m, in, c, sum) -> sum * inverse(at(m, in.get(3), c), epsilon));
  }

  private interface Finish {
    double apply(Memory m, List<Address> in, int c, double sum);
  }

  private Kernel sums(Term term, Finish finish) {
    return (in, out) -> Task.of(
        planesPerImage(),
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
              y[out.offset() + unit] = (float) finish.apply(m, in, unit, Sums.tree(partials, 0));
            } else {
              for (int c = unit * BLOCK; c < Math.min(channels(), (unit + 1) * BLOCK); c++) {
                for (int image = 0; image < BLOCK; image++) {
                  own[image] = partials[image * BLOCK + c % BLOCK];
                }
                y[out.offset() + c] = (float) finish.apply(m, in, c, Sums.tree(own, 0));
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
    for (int plane = unit; plane < layout.planes(shape); plane += planesPerImage()) {
      switch (term) {
        case X -> addRows(x, in.get(0).offset(), partials, plane);
        case SQUARE -> addSquares(x, in.get(0).offset(), means, partials, plane);
        case PRODUCT -> addProducts(x, in.get(0).offset(), dy, dyAt, means, partials, plane);
      }
    }
  }

  /** The index of the partial sum of a plane's first lane. */
  private int partial(int plane) {
    return layout == Layout.NCHW16N ? 0 : plane / Layout.channelBlocks(shape) % BLOCK * BLOCK;
  }

  // Each term has its own loops: a vector that a call returns becomes an object if the call is not inlined.

  private void addRows(float[] x, int xAt, double[] partials, int plane) {
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      VectorMask<Float> valid = images(plane, lane);
      int first = xAt + plane * size() + lane;
      for (int row = first; row < first + size(); row += width * BLOCK) {
        FloatVector sum = broadcast(0);
        for (int i = row; i < row + width * BLOCK; i += BLOCK) {
          sum = sum.add(load(x, i));
        }
        Lanes.addTo(partials, partial(plane) + lane, broadcast(0).blend(sum, valid));
      }
    }
  }

  private void addSquares(float[] x, int xAt, float[] means, double[] partials, int plane) {
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      FloatVector mean = load(means, coefficientOffset(plane) + lane);
      VectorMask<Float> valid = images(plane, lane);
      int first = xAt + plane * size() + lane;
      for (int row = first; row < first + size(); row += width * BLOCK) {
        FloatVector sum = broadcast(0);
        for (int i = row; i < row + width * BLOCK; i += BLOCK) {
          FloatVector centered = load(x, i).sub(mean);
          sum = centered.fma(centered, sum);
        }
        Lanes.addTo(partials, partial(plane) + lane, broadcast(0).blend(sum, valid));
      }
    }
  }

  private void addProducts(float[] x, int xAt, float[] dy, int dyAt, float[] means, double[] partials, int plane) {
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      FloatVector mean = load(means, coefficientOffset(plane) + lane);
      VectorMask<Float> valid = images(plane, lane);
      int first = xAt + plane * size() + lane;
      for (int row = first; row < first + size(); row += width * BLOCK) {
        FloatVector sum = broadcast(0);
        for (int i = row; i < row + width * BLOCK; i += BLOCK) {
          sum = load(x, i).sub(mean).fma(load(dy, i + dyAt - xAt), sum);
        }
        Lanes.addTo(partials, partial(plane) + lane, broadcast(0).blend(sum, valid));
      }
    }
  }
}
