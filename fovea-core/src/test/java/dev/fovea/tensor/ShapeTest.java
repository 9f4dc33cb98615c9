package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {
  @Test
  void sizesMultiply() {
    Shape shape = Shape.of(2, 3, 4, 5);
    assertThat(shape.rank()).isEqualTo(4);
    assertThat(shape.dim(1)).isEqualTo(3);
    assertThat(shape.size()).isEqualTo(120);
    assertThat(shape.sizeFrom(0)).isEqualTo(120);
    assertThat(shape.sizeFrom(2)).isEqualTo(20);
    assertThat(shape.sizeFrom(4)).isEqualTo(1);
    assertThat(Shape.of().size()).isEqualTo(1);
  }

  @Test
  void aBatchAxisIsAddedAndRemoved() {
    assertThat(Shape.of(3, 4).batch(2)).isEqualTo(Shape.of(2, 3, 4));
    assertThat(Shape.of(2, 3, 4).withoutBatch()).isEqualTo(Shape.of(3, 4));
    assertThat(Shape.of().withoutBatch()).isEqualTo(Shape.of());
    assertThat(Shape.of(2, 3, 4).with(0, 9)).isEqualTo(Shape.of(9, 3, 4));
    assertThat(Shape.of().batch(2)).isEqualTo(Shape.of(2));
  }

  @Test
  void dimensionsCannotBeChangedFromOutside() {
    List<Integer> dims = new ArrayList<>(List.of(2, 3));
    Shape shape = new Shape(dims);
    dims.set(0, 99);
    assertThat(shape).isEqualTo(Shape.of(2, 3));
    assertThatThrownBy(() -> shape.dims().set(0, 1)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void textRoundTrips() {
    assertThat(Shape.of(3, 224, 224)).hasToString("3x224x224");
    assertThat(Shape.of()).hasToString("scalar");
    assertThat(Shape.parse("3x224x224")).isEqualTo(Shape.of(3, 224, 224));
    assertThat(Shape.parse(" 1X28X28 ")).isEqualTo(Shape.of(1, 28, 28));
    assertThat(Shape.parse("7")).isEqualTo(Shape.of(7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "3x", "x3", "3xx4", "3,4", "a", "3x4.5", "99999999999", "3 x 4"})
  void invalidTextReportsTheSyntax(String text) {
    assertThatThrownBy(() -> Shape.parse(text))
        .isInstanceOf(FoveaException.class)
        .hasMessage("'" + text + "' is not a shape: write the sizes separated by x, as in 3x224x224");
  }

  @Test
  void sizesBelowOneAreRefused() {
    assertThatThrownBy(() -> Shape.of(3, 0))
        .isInstanceOf(FoveaException.class)
        .hasMessage("a shape's sizes must be 1 or more, got 3x0");
    assertThatThrownBy(() -> Shape.parse("-1x4")).hasMessage("a shape's sizes must be 1 or more, got -1x4");
    assertThatThrownBy(() -> Shape.of(2, 2).with(1, -5)).isInstanceOf(FoveaException.class);
  }

  @Test
  void moreElementsThanAnArrayHoldsAreRefused() {
    assertThat(Shape.of(Integer.MAX_VALUE).size()).isEqualTo(Integer.MAX_VALUE);
    assertThat(Shape.of(46340, 46340).size()).isEqualTo(46340 * 46340);
    for (Object big : List.of("46341x46341", "65536x65536", "2147483647x2147483647x2147483647x2147483647",
        "65536x65536x65536x65536")) {
      assertThatThrownBy(() -> Shape.parse(big.toString()))
          .isInstanceOf(FoveaException.class)
          .hasMessage("a tensor of " + big + " has more than 2^31 - 1 elements");
    }
  }

  @Test
  void aTensorHasTheElementsOfItsShape() {
    assertThat(new Tensor(Shape.of(2, 3), new float[6]).values()).hasSize(6);
    assertThatThrownBy(() -> new Tensor(Shape.of(2, 3), new float[5]))
        .isInstanceOf(FoveaException.class)
        .hasMessage("a tensor of 2x3 has 6 elements, got 5");
  }

  @Test
  void perChannelHasOnesAfterTheChannels() {
    assertThat(Shape.of(2, 3).perChannel()).isEqualTo(Shape.of(3));
    assertThat(Shape.of(2, 3, 7).perChannel()).isEqualTo(Shape.of(3, 1));
    assertThat(Shape.of(2, 3, 4, 5).perChannel()).isEqualTo(Shape.of(3, 1, 1));
  }
}
