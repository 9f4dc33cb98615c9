package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.UnrolledCases;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnrolledConv2dTest {
  @Test
  void equalsTheConvolution() {
    same(Conv2d.of(4, 3), Shape.of(3, 5, 7));
    same(Conv2d.of(4, 3).padding(1).bias(false), Shape.of(3, 6, 5));
    same(Conv2d.of(6, 3).stride(2).padding(1).groups(2), Shape.of(4, 7, 5));
    same(Conv2d.of(2, 5).padding(0, 1, 2, 3), Shape.of(1, 6, 5));
    same(Conv2d.of(3, 2).dilation(3), Shape.of(3, 7, 4));
    same(Conv2d.of(5, 1).stride(3), Shape.of(2, 4, 9));
  }

  private static void same(Conv2d conv, Shape image) {
    UnrolledCases.check(new UnrolledCases.Case(conv, image), Engine.REFERENCE, 1e-12);
  }

  @Test
  void equalsEveryOtherConvolution() {
    List<UnrolledCases.Case> cases = UnrolledCases.all();
    assertThat(cases).hasSizeGreaterThan(60)
        .anyMatch(c -> c.conv().window().strideH() != c.conv().window().strideW() && c.conv().window().strideH() > 1)
        .anyMatch(c -> c.conv().window().top() != c.conv().window().bottom())
        .anyMatch(c -> c.conv().window().kernelH() != c.conv().window().kernelW())
        .anyMatch(c -> c.conv().window().dilationH() > 1 && c.conv().groups() > 1)
        .anyMatch(c -> c.conv().groups() == 17);
    cases.forEach(c -> UnrolledCases.check(c, Engine.REFERENCE, 1e-12));
  }

  @Test
  void mostEntriesAreZeroAndTheRestRepeat() {
    UnrolledConv2d unrolled = new UnrolledConv2d(Conv2d.of(1, 3), Shape.of(1, 5, 5));
    assertThat(unrolled.output()).isEqualTo(Shape.of(1, 3, 3));
    assertThat(unrolled.zeros()).isEqualTo(1 - 81.0 / 225);
    assertThat(unrolled.distinct()).isEqualTo(9);
  }

  @Test
  void aTooLargeMatrixIsRefusedWithItsSize() {
    assertThatThrownBy(() -> new UnrolledConv2d(Conv2d.of(64, 3).padding(1), Shape.of(3, 224, 224)))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("3211264 x 150528, 483385147392 entries; the limit is 64000000");
    // 8000 x 8000
    assertThat(new UnrolledConv2d(Conv2d.of(1, 1), Shape.of(1, 80, 100)).output().size()).isEqualTo(8000);
    assertThatThrownBy(() -> new UnrolledConv2d(Conv2d.of(1, 1), Shape.of(1, 1, 8001)))
        .hasMessageContaining("8001 x 8001, 64016001 entries");
  }
}
