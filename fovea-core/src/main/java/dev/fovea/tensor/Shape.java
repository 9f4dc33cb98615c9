package dev.fovea.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The sizes of a tensor's axes, outermost first: {@code N x C x H x W} for images, {@code out x in} for a fully connected layer.
 */
public record Shape(List<Integer> dims) {
  /** More axes than any tensor needs. */
  private static final int MAX_AXES = 16;

  public Shape {
    dims = List.copyOf(dims);
    if (dims.size() > MAX_AXES) {
      throw new FoveaException("a shape has at most " + MAX_AXES + " axes, got " + dims.size());
    }
    long size = 1;
    for (int dim : dims) {
      if (dim < 1) {
        throw new FoveaException("a shape's sizes must be 1 or more, got " + text(dims));
      }
      size *= dim;
      if (size > Integer.MAX_VALUE) {
        throw new FoveaException("a tensor of " + text(dims) + " has more than 2^31 - 1 elements");
      }
    }
  }

  public static Shape of(int... dims) {
    return new Shape(Arrays.stream(dims).boxed().toList());
  }

  /** Parses {@code 3x224x224}. */
  public static Shape parse(String text) {
    try {
      return of(Arrays.stream(text.trim().toLowerCase(Locale.ROOT).split("x", -1)).mapToInt(Integer::parseInt).toArray());
    } catch (NumberFormatException e) {
      throw new FoveaException("'" + text + "' is not a shape: write the sizes separated by x, as in 3x224x224", e);
    }
  }

  public int dim(int axis) {
    return dims.get(axis);
  }

  public int rank() {
    return dims.size();
  }

  /** The number of elements; 1 for a scalar. */
  public int size() {
    int size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    return size;
  }

  /** The product of the sizes from {@code axis} on. */
  public int sizeFrom(int axis) {
    int size = 1;
    for (int dim : dims.subList(axis, dims.size())) {
      size *= dim;
    }
    return size;
  }

  public Shape with(int axis, int size) {
    List<Integer> changed = new ArrayList<>(dims);
    changed.set(axis, size);
    return new Shape(changed);
  }

  /** This shape with a batch axis in front. */
  public Shape batch(int n) {
    List<Integer> all = new ArrayList<>(dims.size() + 1);
    all.add(n);
    all.addAll(dims);
    return new Shape(all);
  }

  /** This shape without its first axis; a scalar has none, and stays one. */
  public Shape withoutBatch() {
    return new Shape(dims.subList(Math.min(1, dims.size()), dims.size()));
  }

  /** {@code C x 1 x ...}: the shape that broadcasts per channel onto this shape of {@code N x C x ...}. */
  public Shape perChannel() {
    List<Integer> ones = new ArrayList<>(Collections.nCopies(rank() - 1, 1));
    ones.set(0, dim(1));
    return new Shape(ones);
  }

  private static String text(List<Integer> dims) {
    return dims.isEmpty() ? "scalar" : dims.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  @Override
  public String toString() {
    return text(dims);
  }
}
