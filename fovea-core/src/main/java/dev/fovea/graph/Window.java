package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;

/**
 * The geometry of a sliding window, shared by convolution and pooling: all output-size arithmetic is here,
 * {@code Ho = (H - F + 2P) / S + 1} with F the kernel's extent. Sizes are in pixels; each side has its own padding, as in ONNX.
 *
 * @param ceil round the output size up instead of down, as Caffe's pooling does; a last window that would start in the padding at
 *     the bottom or the right is dropped, as PyTorch does
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int top,
    int left,
    int bottom,
    int right,
    int dilationH,
    int dilationW,
    boolean ceil) {

  /** A larger size is an error or an attack; products of two sizes still fit an int. */
  private static final int MAX_SIZE = 1 << 15;

  public Window {
    if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
      throw new FoveaException("a window's kernel, stride and dilation must be 1 or more");
    }
    if (top < 0 || left < 0 || bottom < 0 || right < 0) {
      throw new FoveaException("a window's padding must be 0 or more");
    }
    if (Math.max(Math.max(kernelH, kernelW), Math.max(strideH, strideW)) > MAX_SIZE
        || Math.max(Math.max(top, left), Math.max(bottom, right)) > MAX_SIZE
        || Math.max(dilationH, dilationW) > MAX_SIZE) {
      throw new FoveaException("a window's sizes must be at most " + MAX_SIZE);
    }
  }

  /** A square window that moves by one pixel, without padding. */
  public static Window of(int kernel) {
    return of(kernel, kernel);
  }

  public static Window of(int kernelH, int kernelW) {
    return new Window(kernelH, kernelW, 1, 1, 0, 0, 0, 0, 1, 1, false);
  }

  public Window stride(int stride) {
    return stride(stride, stride);
  }

  public Window stride(int strideH, int strideW) {
    return new Window(kernelH, kernelW, strideH, strideW, top, left, bottom, right, dilationH, dilationW, ceil);
  }

  public Window padding(int padding) {
    return padding(padding, padding, padding, padding);
  }

  public Window padding(int top, int left, int bottom, int right) {
    return new Window(kernelH, kernelW, strideH, strideW, top, left, bottom, right, dilationH, dilationW, ceil);
  }

  public Window dilation(int dilation) {
    return dilation(dilation, dilation);
  }

  public Window dilation(int dilationH, int dilationW) {
    return new Window(kernelH, kernelW, strideH, strideW, top, left, bottom, right, dilationH, dilationW, ceil);
  }

  public Window ceil(boolean ceil) {
    return new Window(kernelH, kernelW, strideH, strideW, top, left, bottom, right, dilationH, dilationW, ceil);
  }

  /** Its geometry along rows only: one column wide. */
  public Window rows() {
    return new Window(kernelH, 1, strideH, 1, top, 0, bottom, 0, dilationH, 1, ceil);
  }

  /** Its geometry along columns only: one row high. */
  public Window columns() {
    return new Window(1, kernelW, 1, strideW, 0, left, 0, right, 1, dilationW, ceil);
  }

  /** Pixels from the first to the last row that one window reads. */
  public int extentH() {
    return dilationH * (kernelH - 1) + 1;
  }

  public int extentW() {
    return dilationW * (kernelW - 1) + 1;
  }

  /** Rows of the output for an input of {@code h} rows. */
  public int outH(int h) {
    return out("height", h, extentH(), strideH, top, bottom);
  }

  /** Columns of the output for an input of {@code w} columns. */
  public int outW(int w) {
    return out("width", w, extentW(), strideW, left, right);
  }

  /** The first input row that the window at output row {@code row} reads; negative inside the padding. */
  public int rowOf(int row) {
    return row * strideH - top;
  }

  /** The first input column that the window at output column {@code column} reads. */
  public int columnOf(int column) {
    return column * strideW - left;
  }

  /** Whether each window has an element inside an image of that size; a strongly dilated one may read only padding. */
  public boolean overlaps(int h, int w) {
    return overlaps(h, outH(h), kernelH, strideH, top, dilationH) && overlaps(w, outW(w), kernelW, strideW, left, dilationW);
  }

  private static boolean overlaps(int size, int out, int kernel, int stride, int before, int dilation) {
    if ((out - 1L) * stride - before >= size) {
      return false;
    }
    // Only a window that starts in the padding may miss the image; their number does not depend on the image size.
    int inPadding = Math.min(out, Math.ceilDiv(before, stride));
    for (int position = 0; position < inPadding; position++) {
      int first = position * stride - before;
      int element = Math.ceilDiv(-first, dilation);
      if (element >= kernel || first + element * dilation >= size) {
        return false;
      }
    }
    return true;
  }

  private int out(String side, int size, int extent, int stride, int before, int after) {
    long room = (long) size + before + after - extent;
    if (room < 0 && !(ceil && room > -stride)) {
      throw new FoveaException(
          "a window of " + kernelH + "x" + kernelW + " needs an input " + side + " of " + (extent - before - after)
              + " or more, got " + size);
    }
    long out = ceil ? Math.floorDiv(room + stride - 1, stride) + 1 : room / stride + 1;
    out = ceil && (out - 1) * stride >= (long) size + before ? out - 1 : out;
    if (out > Integer.MAX_VALUE) {
      throw new FoveaException(
          "a window of " + kernelH + "x" + kernelW + " has an output " + side + " of " + out + ", more than 2^31 - 1");
    }
    return (int) out;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(kernelH).append('x').append(kernelW);
    if (strideH != 1 || strideW != 1) {
      text.append(" stride ").append(pair(strideH, strideW));
    }
    if (top != 0 || left != 0 || bottom != 0 || right != 0) {
      boolean even = top == left && left == bottom && bottom == right;
      text.append(" padding ").append(even ? String.valueOf(top) : top + "," + left + "," + bottom + "," + right);
    }
    if (dilationH != 1 || dilationW != 1) {
      text.append(" dilation ").append(pair(dilationH, dilationW));
    }
    return text.append(ceil ? " ceil" : "").toString();
  }

  private static String pair(int h, int w) {
    return h == w ? String.valueOf(h) : h + "x" + w;
  }
}
