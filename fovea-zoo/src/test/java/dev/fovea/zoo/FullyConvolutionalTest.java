package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.image.Image;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.LayerNorm;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

/** Classifiers read as convolutions. */
class FullyConvolutionalTest {
  private static final Shape DIGIT = Shape.of(1, 28, 28);

  /** The logits of a picture of noise, and their shape. */
  @SuppressWarnings("ArrayRecordComponent") // Read within a test.
  private record Logits(Shape shape, float[] values) {
    static Logits of(Model model, float[] picture) {
      Program program = model.program(1, 1);
      Workspace workspace = program.workspace();
      Slot in = workspace.input(Model.INPUT);
      System.arraycopy(picture, 0, in.array(), in.offset(), picture.length);
      program.run(workspace);
      Slot out = workspace.output(Model.OUTPUT);
      float[] values = new float[out.shape().size()];
      System.arraycopy(out.array(), out.offset(), values, 0, values.length);
      return new Logits(out.shape(), values);
    }
  }

  private static float[] noise(Shape shape) {
    Rng random = Rng.of(3).at("picture");
    float[] picture = new float[shape.size()];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = random.uniform(i, -1, 1);
    }
    return picture;
  }

  @Test
  void givesTheSameLogitsAtTheTrainingSizeAndHoldsTheSameBytes() {
    for (Model model : new Model[] {
        Model.create(LeNet5.modern(10), DIGIT, 1), Model.create(LeNetCaffe.original(10), DIGIT, 2)}) {
      Model network = model.fullyConvolutional();
      Logits expected = Logits.of(model, noise(DIGIT));
      Logits got = Logits.of(network, noise(DIGIT));
      assertThat(got.shape()).isEqualTo(Shape.of(1, 10, 1, 1));
      assertThat(got.values()).containsExactly(expected.values(), within(1e-5f));
      assertThat(network.parameters().values()).containsExactly(model.parameters().values());
    }
  }

  @Test
  void onALargerPictureEachCellIsTheClassifierOnItsCrop() {
    Model model = Model.create(LeNetCaffe.original(10), DIGIT, 4);
    Shape large = Shape.of(1, 44, 36);
    float[] picture = noise(large);
    Logits map = Logits.of(model.fullyConvolutional().withInput(large), picture);
    assertThat(map.shape()).isEqualTo(Shape.of(1, 10, 5, 3));
    for (int cell = 0; cell < 15; cell++) {
      float[] crop = new float[DIGIT.size()];
      for (int row = 0; row < 28; row++) {
        System.arraycopy(picture, (cell / 3 * 4 + row) * 36 + cell % 3 * 4, crop, row * 28, 28);
      }
      Logits expected = Logits.of(model, crop);
      for (int k = 0; k < 10; k++) {
        assertThat(map.values()[k * 15 + cell]).as("class %d of cell %d", k, cell).isCloseTo(expected.values()[k], within(1e-5f));
      }
    }
  }

  @Test
  void itsMapLabelsAPictureOfAnySize() {
    Model network = Model.create(LeNet5.modern(10), DIGIT, 1).fullyConvolutional().withInput(Shape.of(1, 60, 60));
    Image picture = Image.of(new BufferedImage(90, 70, BufferedImage.TYPE_BYTE_GRAY));
    assertThat(network.segment(picture).labels().width()).isEqualTo(90);
  }

  @Test
  void whatCannotBeReadSoIsNamed() {
    Model model = Model.create(
        Sequential.of(Conv2d.of(2, 3), new Flatten(), LayerNorm.from(1).named("norm"), Linear.of(3)), Shape.of(1, 6, 6), 1);
    assertThatThrownBy(model::fullyConvolutional)
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("norm: cannot be made fully convolutional: expected no RowNormalization on flattened maps");
  }
}
