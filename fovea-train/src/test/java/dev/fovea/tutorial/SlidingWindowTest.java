package dev.fovea.tutorial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.LeNet5;
import dev.fovea.zoo.LeNetCaffe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SlidingWindowTest {
  private static SlidingWindow measure(Layer layer) {
    return SlidingWindow.measure(Model.create(layer, Shape.of(1, 28, 28), 1), 3, 1);
  }

  @Test
  @Tag("slow")
  void onePassNeedsLessThanAFifthOfTheWork() {
    SlidingWindow slid = measure(LeNet5.modern(10));
    assertThat(slid.cells()).isEqualTo(Shape.of(10, 15, 15));
    assertThat(slid.cropWork()).isEqualTo(225L * 416_520);
    assertThat(slid.workRatio()).isGreaterThan(5);
    assertThat(slid.passSeconds()).isPositive();
    assertThat(slid.timed()).isBetween(1, 225);
    assertThat(slid.padded()).isTrue();
    assertThat(slid.toString()).contains("225 windows", "(the network has padding:");
  }

  /** Its first fully connected layer has nearly 3/4 of the multiply-adds of the pass, and windows do not share it. */
  @Test
  @Tag("slow")
  void lenetCaffeSharesLessAndGivesTheSameLogits() {
    SlidingWindow slid = measure(LeNetCaffe.original(10));
    assertThat(slid.difference()).isLessThan(1e-5);
    assertThat(slid.padded()).isFalse();
    assertThat(slid.unshared()).isEqualTo(225 * (800 * 500 + 500 * 10));
    assertThat(slid.workRatio()).isCloseTo(4.07, within(0.01));
  }
}
