package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which networks are segmentation models; their results are tested in modules with an engine. */
class SegmentationModelTest {
  private static final Layer NET = Sequential.of(Conv2d.of(4, 3).padding(1), Activation.RELU, Conv2d.of(3, 1));
  private static final Shape INPUT = Shape.of(3, 6, 8);

  private static Model model(Layer layer, Fit fit, String... classes) {
    return Model.create(layer, new Card("net", List.of(classes), Preprocessing.of(INPUT, fit), Map.of()), 1);
  }

  @Test
  void logitsPerPixelMakeASegmentationModel(@TempDir Path folder) {
    Model model = Model.create(NET, INPUT, 1);
    assertThat(model.segments()).isTrue();
    assertThat(model.card().classes()).containsExactly("0", "1", "2");
    model.save(folder.resolve("model.safetensors"));
    assertThat(Model.load(folder.resolve("model.safetensors")).segments()).isTrue();
    assertThat(Model.create(Sequential.of(new Flatten(), Linear.of(3)), INPUT, 1).segments()).isFalse();
  }

  @Test
  void anotherNumberOfClassesIsRefused() {
    assertRefused(() -> model(NET, Fit.STRETCH, "a", "b"),
        "a segmentation model of 2 classes needs a map for each class, got 1x3x6x8");
  }

  @Test
  void moreClassesThanALabelMapSupportsAreRefused() {
    String[] many = IntStream.range(0, 256).mapToObj(String::valueOf).toArray(String[]::new);
    Model model = model(Conv2d.of(256, 1), Fit.STRETCH, many);
    Image image = Image.of(new BufferedImage(8, 6, BufferedImage.TYPE_BYTE_GRAY));
    assertRefused(() -> model.segment(image), "has more than 255 classes");
  }

  @Test
  void segmentationNeedsAStretchingPreprocessing() {
    assertRefused(() -> model(NET, Fit.CROP, "a", "b", "c"), "must stretch it, got CROP");
  }

  @Test
  void sharesAreFractionsOfTheImage() {
    Segmentation result = new Segmentation(new LabelMap(2, 2, new byte[] {0, 2, 2, 2}), List.of("a", "b", "c"));
    assertThat(result.share(0)).isEqualTo(0.25);
    assertThat(result.share(1)).isZero();
    assertThat(result.share(2)).isEqualTo(0.75);
  }

  private static void assertRefused(Runnable creation, String... parts) {
    assertThatThrownBy(creation::run).isExactlyInstanceOf(FoveaException.class).hasMessageContainingAll(parts);
  }
}
