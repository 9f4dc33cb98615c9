package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.kernel.Elementary.ATANH_TERMS;
import static dev.fovea.cpu.kernel.Elementary.C2;
import static dev.fovea.cpu.kernel.Elementary.C3;
import static dev.fovea.cpu.kernel.Elementary.C4;
import static dev.fovea.cpu.kernel.Elementary.C5;
import static dev.fovea.cpu.kernel.Elementary.C6;
import static dev.fovea.cpu.kernel.Elementary.C7;
import static dev.fovea.cpu.kernel.Elementary.DOUBLE_EXP_MIN;
import static dev.fovea.cpu.kernel.Elementary.DOUBLE_LN2_HIGH;
import static dev.fovea.cpu.kernel.Elementary.DOUBLE_LN2_LOW;
import static dev.fovea.cpu.kernel.Elementary.DOUBLE_LOG2_E;
import static dev.fovea.cpu.kernel.Elementary.DOUBLE_ONE;
import static dev.fovea.cpu.kernel.Elementary.DOUBLE_ROUND;
import static dev.fovea.cpu.kernel.Elementary.ERFC_TERMS;
import static dev.fovea.cpu.kernel.Elementary.ERF_SATURATION;
import static dev.fovea.cpu.kernel.Elementary.ERF_TERMS;
import static dev.fovea.cpu.kernel.Elementary.EXP_OVERFLOW;
import static dev.fovea.cpu.kernel.Elementary.EXP_TERMS;
import static dev.fovea.cpu.kernel.Elementary.EXP_UNDERFLOW;
import static dev.fovea.cpu.kernel.Elementary.L10;
import static dev.fovea.cpu.kernel.Elementary.L11;
import static dev.fovea.cpu.kernel.Elementary.L3;
import static dev.fovea.cpu.kernel.Elementary.L4;
import static dev.fovea.cpu.kernel.Elementary.L5;
import static dev.fovea.cpu.kernel.Elementary.L6;
import static dev.fovea.cpu.kernel.Elementary.L7;
import static dev.fovea.cpu.kernel.Elementary.L8;
import static dev.fovea.cpu.kernel.Elementary.L9;
import static dev.fovea.cpu.kernel.Elementary.LN2_HIGH;
import static dev.fovea.cpu.kernel.Elementary.LN2_LOW;
import static dev.fovea.cpu.kernel.Elementary.LOG2_E;
import static dev.fovea.cpu.kernel.Elementary.LOG_SCALE;
import static dev.fovea.cpu.kernel.Elementary.LOG_SMALL;
import static dev.fovea.cpu.kernel.Elementary.ROUND;
import static dev.fovea.cpu.kernel.Elementary.SQRT_HALF;
import static dev.fovea.cpu.kernel.Elementary.TANH_SATURATION;
import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;

import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.vector.microkernel.Lanes;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The functions of {@link dev.fovea.cpu.kernel.Elementary} on vectors: the same operations, so the same bits. */
final class VectorMath {
  /** From here on every float is an integer. */
  private static final float INTEGERS = 0x1p23f;

  private VectorMath() {}

  /** The same operations as {@link dev.fovea.cpu.kernel.Elementary#exp}, so the same bits. */
  static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    FloatVector e = scale.fma(expMinusOne(x, shifted.sub(ROUND)), scale);
    return e.blend(0, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector y = x.mul(2).min(2 * TANH_SATURATION).max(-2 * TANH_SATURATION);
    FloatVector shifted = y.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    FloatVector e = scale.fma(expMinusOne(y, shifted.sub(ROUND)), scale.sub(1));
    return e.div(e.add(2));
  }

  static FloatVector expm1(FloatVector x) {
    FloatVector y = x.max(EXP_UNDERFLOW);
    FloatVector shifted = y.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    return scale.fma(expMinusOne(y, shifted.sub(ROUND)), scale.sub(1));
  }

  private static FloatVector expMinusOne(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), x));
    FloatVector q = r.fma(broadcast(C7), broadcast(C6));
    q = r.fma(q, broadcast(C5));
    q = r.fma(q, broadcast(C4));
    q = r.fma(q, broadcast(C3));
    q = r.fma(q, broadcast(C2));
    return r.mul(r).fma(q, r);
  }

  /** Two to the power of the integer n, which is in the last bits of {@code n + ROUND}. */
  private static FloatVector powerOfTwo(FloatVector shifted) {
    return shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23).reinterpretAsFloats();
  }

  static FloatVector log(FloatVector x) {
    var small = x.compare(VectorOperators.LT, LOG_SMALL);
    IntVector bits = x.blend(x.mul(LOG_SCALE), small).reinterpretAsInts().sub(SQRT_HALF);
    IntVector whole = bits.lanewise(VectorOperators.ASHR, 23);
    FloatVector exponent = (FloatVector) whole.convert(VectorOperators.I2F, 0);
    exponent = exponent.blend(exponent.sub(23), small);
    FloatVector f = bits.and(0x7fffff).add(SQRT_HALF).reinterpretAsFloats().sub(1);
    FloatVector square = f.mul(f);
    FloatVector q = f.fma(broadcast(L11), broadcast(L10));
    q = f.fma(q, broadcast(L9));
    q = f.fma(q, broadcast(L8));
    q = f.fma(q, broadcast(L7));
    q = f.fma(q, broadcast(L6));
    q = f.fma(q, broadcast(L5));
    q = f.fma(q, broadcast(L4));
    q = f.fma(q, broadcast(L3));
    FloatVector rest = exponent.fma(broadcast(LN2_LOW), f.mul(square).mul(q));
    FloatVector log = exponent.fma(broadcast(LN2_HIGH), f.add(square.fma(broadcast(-0.5f), rest)));
    return log.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY))
        .blend(Float.NaN, x.compare(VectorOperators.GE, 0).not())
        .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
  }

  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.SPECIES.vectorBitSize() / 2));

  private static final VectorSpecies<Double> DOUBLES = Lanes.SPECIES.withLanes(double.class);

  /** The error function of a vector of elements of an array, half of them at a time, in double. */
  static void erf(float[] x, int at, float[] y, int to) {
    for (int half = 0; half < Lanes.COUNT; half += HALF.length()) {
      DoubleVector v = (DoubleVector) FloatVector.fromArray(HALF, x, at + half).convertShape(VectorOperators.F2D, DOUBLES, 0);
      ((FloatVector) erf(v).convertShape(VectorOperators.D2F, HALF, 0)).intoArray(y, to + half);
    }
  }

  /** The softplus of a vector of elements of an array. */
  static void softplus(float[] x, int at, float[] y, int to) {
    for (int half = 0; half < Lanes.COUNT; half += HALF.length()) {
      DoubleVector v = (DoubleVector) FloatVector.fromArray(HALF, x, at + half).convertShape(VectorOperators.F2D, DOUBLES, 0);
      ((FloatVector) softplus(v).convertShape(VectorOperators.D2F, HALF, 0)).intoArray(y, to + half);
    }
  }

  private static DoubleVector softplus(DoubleVector x) {
    DoubleVector e = exp(x.abs().neg().max(DOUBLE_EXP_MIN));
    DoubleVector s = e.div(e.add(2));
    DoubleVector square = s.mul(s);
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int k = ATANH_TERMS - 1; k >= 0; k--) {
      sum = sum.fma(square, DoubleVector.broadcast(DOUBLES, Elementary.atanh(k)));
    }
    return x.max(0).add(s.mul(2).mul(sum));
  }

  private static DoubleVector erf(DoubleVector x) {
    DoubleVector a = x.abs().min(ERF_SATURATION);
    DoubleVector square = a.mul(a);
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int k = ERF_TERMS - 1; k >= 0; k--) {
      sum = sum.fma(square, DoubleVector.broadcast(DOUBLES, Elementary.erf(k)));
    }
    DoubleVector near = x.mul(sum);
    var isNear = a.compare(VectorOperators.LT, 1);
    if (isNear.allTrue()) {
      return near;
    }
    DoubleVector t = DoubleVector.broadcast(DOUBLES, 1).div(a.div(2).add(1));
    DoubleVector fit = DoubleVector.zero(DOUBLES);
    for (int k = ERFC_TERMS - 1; k >= 0; k--) {
      fit = fit.fma(t, DoubleVector.broadcast(DOUBLES, Elementary.erfc(k)));
    }
    DoubleVector far = DoubleVector.broadcast(DOUBLES, 1).sub(t.mul(exp(fit.sub(square))));
    LongVector sign = x.reinterpretAsLongs().and(Long.MIN_VALUE);
    return far.reinterpretAsLongs().or(sign).reinterpretAsDoubles().blend(near, isNear);
  }

  private static DoubleVector exp(DoubleVector x) {
    DoubleVector round = DoubleVector.broadcast(DOUBLES, DOUBLE_ROUND);
    DoubleVector shifted = x.fma(DoubleVector.broadcast(DOUBLES, DOUBLE_LOG2_E), round);
    DoubleVector n = shifted.sub(round);
    DoubleVector r = n.fma(DoubleVector.broadcast(DOUBLES, -DOUBLE_LN2_HIGH), x);
    r = n.fma(DoubleVector.broadcast(DOUBLES, -DOUBLE_LN2_LOW), r);
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int k = EXP_TERMS - 1; k >= 0; k--) {
      sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, Elementary.inverseFactorial(k)));
    }
    LongVector scale = shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52).add(DOUBLE_ONE);
    return sum.mul(scale.reinterpretAsDoubles());
  }

  /** The nearest integer, of two the even one: where floats have fractions, adding 2^23 rounds. The sign of zero is kept. */
  static FloatVector round(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector rounded = size.add(INTEGERS).sub(INTEGERS);
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    FloatVector signed = rounded.reinterpretAsInts().or(sign).reinterpretAsFloats();
    return x.blend(signed, size.compare(VectorOperators.LT, INTEGERS));
  }

  static FloatVector floor(FloatVector x) {
    FloatVector rounded = round(x);
    return rounded.blend(rounded.sub(1), rounded.compare(VectorOperators.GT, x));
  }
}
