package dev.fovea.cpu;

import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.graph.Backend.Product;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/** The products of one element in the order in which all kernels add them, those of either engine. */
final class SumOrder {
  private SumOrder() {}

  static List<Product> of(Node node, List<Shape> operands, int element) {
    Shape y = node.shape();
    return switch (node.op()) {
      case Op.Conv conv -> of(DirectConv.of(conv, operands.get(0), operands.get(1), y), element);
      case Op.ConvTranspose conv -> of(DirectConv.of(conv, operands.get(0), operands.get(1), y), element);
      case Op.Gemm gemm when !gemm.transA() -> of(DirectConv.of(gemm, operands.get(0), operands.get(1)), element);
      case Op.MatMul _ -> matMul(operands.get(0), operands.get(1), y, element);
      default -> List.of();
    };
  }

  private static List<Product> of(DirectConv conv, int element) {
    int positions = conv.outH() * conv.outW();
    int map = element / positions % (conv.groups() * conv.filters());
    int group = map / conv.filters();
    int input = element / conv.outSize() * conv.inSize() + group * conv.channels() * conv.inH() * conv.inW();
    int weight = group * conv.weightStrides().group();
    DirectConv.Taps taps = conv.taps(element % positions / conv.outW(), element % conv.outW());
    return IntStream.range(0, taps.offsets().length)
        .mapToObj(k -> new Product(input + taps.offsets()[k], weight + conv.weightAt(map % conv.filters(), taps.indices()[k])))
        .toList();
  }

  private static List<Product> matMul(Shape a, Shape b, Shape y, int element) {
    int inner = a.dim(a.rank() - 1);
    int columns = y.dim(y.rank() - 1);
    int rows = y.dim(y.rank() - 2);
    int matrix = element / columns / rows;
    int first = (new Broadcast(leading(y), leading(a)).indexOf(matrix) * rows + element / columns % rows) * inner;
    int second = new Broadcast(leading(y), leading(b)).indexOf(matrix) * inner * columns + element % columns;
    return IntStream.range(0, inner).mapToObj(k -> new Product(first + k, second + k * columns)).toList();
  }

  private static Shape leading(Shape x) {
    return new Shape(x.dims().subList(0, x.rank() - 2));
  }
}
