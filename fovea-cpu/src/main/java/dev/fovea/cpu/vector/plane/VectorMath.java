package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.kernel.Elementary.C2;
import static dev.fovea.cpu.kernel.Elementary.C3;
import static dev.fovea.cpu.kernel.Elementary.C4;
import static dev.fovea.cpu.kernel.Elementary.C5;
import static dev.fovea.cpu.kernel.Elementary.C6;
import static dev.fovea.cpu.kernel.Elementary.C7;
import static dev.fovea.cpu.kernel.Elementary.EXP_OVERFLOW;
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

import dev.fovea.cpu.vector.microkernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

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

  static FloatVector expMinusOne(FloatVector x, FloatVector n) {
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
