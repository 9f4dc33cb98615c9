package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Dataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.image.Image;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Model;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code of docs/add-a-data-set.md. */
class DataSetRecipeTest {

  /** Vertical and horizontal stripes; a function of the index, so no two runs differ. */
  record Stripes(int size) implements Dataset {
    @Override
    public String name() {
      return "stripes";
    }

    @Override
    public List<String> classes() {
      return List.of("vertical", "horizontal");
    }

    @Override
    public int label(int index) {
      return index % 2;
    }

    @Override
    public Image image(int index) {
      byte[] pixels = new byte[16 * 16];
      int width = 1 + Rng.of(7).below(index, 3);
      for (int i = 0; i < pixels.length; i++) {
        int along = label(index) == 0 ? i % 16 : i / 16;
        pixels[i] = (byte) (along / width % 2 * 255);
      }
      return new Image(16, 16, 1, pixels);
    }

    @Override
    public Shape shape() {
      return Shape.of(1, 16, 16);
    }
  }

  @Test
  void stripesCanBeLearned() {
    Layer net = Sequential.of(Conv2d.of(4, 3), Activation.RELU, MaxPool2d.of(2), new Flatten(), Linear.of(2));
    Model model = Model.create(net, Shape.of(1, 16, 16), 1);
    Trainer.of(model).schedule(Schedule.constant(0.05)).epochs(3).fit(new Stripes(512), new Stripes(64));
    double accuracy = Evaluator.of(model, 1).evaluate(new Stripes(100)).accuracy();
    assertThat(accuracy).isGreaterThan(0.95);
  }

  @Test
  void fingerprintDependsOnContentOnly() {
    Dataset stripes = new Stripes(100);
    byte[] pixels = new byte[100 * 256];
    int[] labels = new int[100];
    for (int i = 0; i < 100; i++) {
      System.arraycopy(stripes.image(i).pixels(), 0, pixels, i * 256, 256);
      labels[i] = stripes.label(i);
    }
    Dataset copy = MemoryDataset.of("copy", stripes.classes(), stripes.shape(), pixels, labels, stripes.fit());
    assertThat(stripes.fingerprint()).matches("[0-9a-f]{64}").isEqualTo(copy.fingerprint())
        .isNotEqualTo(new Stripes(99).fingerprint());
  }
}
