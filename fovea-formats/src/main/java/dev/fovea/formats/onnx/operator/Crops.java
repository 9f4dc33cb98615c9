package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Origins;
import dev.fovea.formats.onnx.constant.Range;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.List;
import java.util.Optional;

/** Parts of images that are as large as other images, whatever the input's size (Caffe's Crop): one slice of two axes, or two slices. */
final class Crops {
  private Crops() {}

  /** The crop that a slice is, or ends; empty for other ranges. */
  static Optional<Value> crop(Call c, Value x, List<Range> ranges, List<Range> others) {
    if (c.g().rank(x) != 4 || ranges.size() > 2 || c.otherShape(0).rank() != 4) {
      return Optional.empty();
    }
    int last = ranges.size() - 1;
    int column = ranges.getFirst().axis() == 3 ? 0 : last;
    int row = last - column;
    if (ranges.size() == 2) {
      return ranges.get(row).axis() == 2 && ranges.get(column).axis() == 3
          ? crop(c, rows(c, x, ranges.get(row), others.get(row)), ranges.get(column), others.get(column))
          : Optional.empty();
    }
    Range range = ranges.getFirst();
    Range other = others.getFirst();
    if (range.axis() == 2 && isRun(range, other) && range.count() != other.count()) {
      return Optional.of(rememberedRows(c, x, range, other));
    }
    Origins.CroppedRows rows = c.context().origins().croppedRows().get(x);
    return range.axis() == 3 && rows != null ? crop(c, rows, range, other) : Optional.empty();
  }

  private static Origins.CroppedRows rows(Call c, Value x, Range range, Range other) {
    return new Origins.CroppedRows(x, range, other, isAtEnds(c, range, other));
  }

  /** Their number is that of this size only, unless columns follow. */
  private static Value rememberedRows(Call c, Value x, Range range, Range other) {
    Origins.CroppedRows rows = rows(c, x, range, other);
    int end = range.start() + range.count();
    int size = c.shape(0).dim(2);
    Value part = c.g().slice(x, 2, range.start(), !rows.atEnds() ? end : end == size ? Integer.MAX_VALUE : end - size);
    c.context().origins().croppedRows().put(part, rows);
    return part;
  }

  private static Optional<Value> crop(Call c, Origins.CroppedRows rows, Range column, Range otherColumn) {
    Range row = rows.range();
    Range otherRow = rows.other();
    boolean fixed = row.count() == otherRow.count() && column.count() == otherColumn.count();
    if (fixed || !isRun(row, otherRow) || !isRun(column, otherColumn) || rows.atEnds() && isAtEnds(c, column, otherColumn)) {
      return Optional.empty();
    }
    return c.context().imagesOf(row.count(), column.count(), otherRow.count(), otherColumn.count())
        .map(like -> c.g().op(new Op.Crop(row.start(), column.start()), rows.x(), like));
  }

  /** Whether both are neighbouring indices from the same on. */
  private static boolean isRun(Range range, Range other) {
    return range.step() == 1 && other.step() == 1 && range.start() == other.start();
  }

  /** Whether both end at the same distance from the end of the axis. */
  private static boolean isAtEnds(Call c, Range range, Range other) {
    int left = c.shape(0).dim(range.axis()) - range.count();
    return left == c.otherShape(0).dim(range.axis()) - other.count();
  }
}
