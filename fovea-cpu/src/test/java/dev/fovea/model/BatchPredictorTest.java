package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class BatchPredictorTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");

  private static Model model(Layer layer, Shape input, double temperature) {
    return Model.create(layer, new Card("net", CLASSES, Preprocessing.of(input, Fit.STRETCH), Map.of()).temperature(temperature),
        3);
  }

  private static Model classifier() {
    Layer net = Sequential.of(Conv2d.of(8, 3).padding(1), Activation.RELU, MaxPool2d.of(2), Conv2d.of(16, 3), Activation.RELU,
        new Flatten(), Linear.of(3));
    return model(net, Shape.of(3, 16, 14), 1.5);
  }

  /** Images of several sizes, grey and colour. */
  private static Image image(int index) {
    Rng random = Rng.of(index);
    int width = 5 + index % 29;
    int height = 4 + index % 31;
    int channels = index % 3 == 0 ? 1 : 3;
    byte[] pixels = new byte[width * height * channels];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.below(i, 256);
    }
    return new Image(width, height, channels, pixels);
  }

  /** Images and failures in the order in which they come. */
  private static final class Received<T> implements BatchPredictor.Results<T> {
    private final List<Object> all = new ArrayList<>();

    @Override
    public void predicted(int index, T result) {
      assertThat(index).isEqualTo(all.size());
      all.add(result);
    }

    @Override
    public void failed(int index, FoveaException reason) {
      assertThat(index).isEqualTo(all.size());
      all.add(String.valueOf(reason.getMessage()));
    }
  }

  @Test
  void batchesGiveTheSameBitsAsSinglePredictions() {
    Model model = classifier();
    for (TestTimeAugmentation views : TestTimeAugmentation.values()) {
      List<Prediction> single = new ArrayList<>();
      for (int i = 0; i < 75; i++) {
        single.add(model.predict(image(i), views));
      }
      for (int threads = 1; threads <= 3; threads++) {
        Received<Prediction> received = new Received<>();
        BatchPredictor.of(model, threads).augmentation(views).predict(75, BatchPredictorTest::image, received);
        assertThat(received.all).as("%s, %d threads", views, threads).isEqualTo(single);
      }
    }
  }

  private static Model model(Task task) {
    return Model.create(Sequential.of(new Flatten(), Linear.of(task.size())),
        new Card("net", task, Preprocessing.of(Shape.of(3, 6, 5), Fit.STRETCH), Map.of()), 3);
  }

  @Test
  void severalLabelsAndNumbersHaveTheSameBitsAsSinglePredictions() {
    Model labels = model(new Task.SeveralLabels(CLASSES));
    Model numbers = model(new Task.Numbers(List.of(new Task.Quantity("age", 40, 12.5), new Task.Quantity("kg", 1, 2))));
    for (TestTimeAugmentation views : TestTimeAugmentation.values()) {
      Received<Prediction> received = new Received<>();
      BatchPredictor.of(labels, 2).augmentation(views).predict(50, BatchPredictorTest::image, received);
      for (int i = 0; i < 50; i++) {
        assertThat(received.all.get(i)).as("%s", views).isEqualTo(labels.predict(image(i), views));
      }
    }
    Received<Map<String, Double>> received = new Received<>();
    BatchPredictor.of(numbers, 2).numbers(50, BatchPredictorTest::image, received);
    for (int i = 0; i < 50; i++) {
      assertThat(received.all.get(i)).isEqualTo(numbers.numbers(image(i)));
    }
    assertThatThrownBy(() -> BatchPredictor.of(numbers, 1).augmentation(TestTimeAugmentation.FIVE_CROP)
        .numbers(1, BatchPredictorTest::image, received)).isInstanceOf(FoveaException.class)
        .hasMessage("net gives numbers: test-time augmentation is for classifiers");
    assertThatThrownBy(() -> BatchPredictor.of(labels, 1).numbers(1, BatchPredictorTest::image, received))
        .hasMessage("net gives classes and no numbers: use predict or segment");
  }

  @Test
  void segmentationsAreTheSameAtTheSizeOfEachImage() {
    Model model = model(Sequential.of(Conv2d.of(5, 3).padding(1), Activation.RELU, Conv2d.of(3, 1)), Shape.of(3, 12, 10), 1);
    Received<Segmentation> received = new Received<>();
    BatchPredictor.of(model, 2).segment(50, BatchPredictorTest::image, received);
    for (int i = 0; i < 50; i++) {
      Segmentation single = model.segment(image(i));
      assertThat(received.all.get(i)).isEqualTo(single);
      for (int c = 0; c < 3; c++) {
        assertThat(single.shares()[c]).isEqualTo(single.share(c));
      }
    }
  }

  @Test
  void imagesThatFailKeepTheirPlace() {
    Model model = classifier();
    IntFunction<Image> images = i -> {
      if (i % 7 == 3 || i > 60) {
        throw new FoveaException("no " + i);
      }
      return image(i);
    };
    for (TestTimeAugmentation views : List.of(TestTimeAugmentation.NONE, TestTimeAugmentation.FIVE_CROP)) {
      Received<Prediction> received = new Received<>();
      BatchPredictor.of(model, 2).augmentation(views).predict(70, images, received);
      assertThat(received.all).hasSize(70);
      for (int i = 0; i < 70; i++) {
        assertThat(received.all.get(i)).isEqualTo(i % 7 == 3 || i > 60 ? "no " + i : model.predict(image(i), views));
      }
    }
  }

  @Test
  void outputsThatAreNotFiniteFail() {
    Model model = classifier();
    model.parameters().values()[0] = Float.NaN;
    model.parameters().changed();
    Received<Prediction> received = new Received<>();
    BatchPredictor.of(model, 1).augmentation(TestTimeAugmentation.FLIP).predict(3, BatchPredictorTest::image, received);
    assertThat(received.all).hasSize(3)
        .allSatisfy(m -> assertThat(m.toString()).startsWith("net gives outputs that are not finite"));
  }

  @Test
  void whatIsThrownEndsThePrediction() {
    Model model = classifier();
    List<Integer> seen = new ArrayList<>();
    BatchPredictor.Results<Prediction> stopping = new BatchPredictor.Results<>() {
      @Override
      public void predicted(int index, Prediction result) {
        seen.add(index);
        throw new IllegalStateException("stop");
      }

      @Override
      public void failed(int index, FoveaException reason) {
        seen.add(-1);
      }
    };
    assertThatThrownBy(() -> BatchPredictor.of(model, 2).predict(500, BatchPredictorTest::image, stopping)).hasMessage("stop");
    assertThat(seen).containsExactly(0);
    assertThatThrownBy(() -> BatchPredictor.of(model, 2).predict(5, _ -> {
      throw new IllegalStateException("a bug");
    }, stopping)).hasMessage("a bug");
    assertThatThrownBy(() -> BatchPredictor.of(model, 2).predict(5, _ -> {
      throw new OutOfMemoryError("full");
    }, stopping)).isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void noImagesGiveNoResults() {
    Received<Prediction> received = new Received<>();
    BatchPredictor.of(classifier(), 2).predict(0, BatchPredictorTest::image, received);
    assertThat(received.all).isEmpty();
  }

  @Test
  void theWrongKindIsRefused() {
    Received<Segmentation> received = new Received<>();
    assertThatThrownBy(() -> BatchPredictor.of(classifier(), 1).segment(1, BatchPredictorTest::image, received))
        .isInstanceOf(FoveaException.class).hasMessageContaining("use predict");
    assertThatThrownBy(() -> BatchPredictor.of(classifier(), 0)).isInstanceOf(FoveaException.class).hasMessageContaining("got 0");
    Model segments = model(Conv2d.of(3, 1), Shape.of(3, 12, 10), 1);
    assertThatThrownBy(() -> BatchPredictor.of(segments, 1).augmentation(TestTimeAugmentation.FLIP)
        .segment(1, BatchPredictorTest::image, received)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("for classifiers");
  }

  @Test
  void theTemperatureFlattensProbabilitiesAndKeepsTheirOrder() {
    Model model = classifier();
    Prediction cold = model.withCard(model.card().temperature(1)).predict(image(5));
    Prediction warm = model.withCard(model.card().temperature(4)).predict(image(5));
    assertThat(warm.scores()).extracting(Prediction.Score::index).containsExactlyElementsOf(
        cold.scores().stream().map(Prediction.Score::index).toList());
    assertThat(warm.best().probability()).isLessThan(cold.best().probability());
    double ratio = Math.log(cold.scores().get(0).probability() / cold.scores().get(1).probability())
        / Math.log(warm.scores().get(0).probability() / warm.scores().get(1).probability());
    assertThat(ratio).isEqualTo(4, within(1e-9));
  }
}
