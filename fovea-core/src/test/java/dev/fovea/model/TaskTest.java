package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.format.Json;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a card says about a model's outputs, as JSON and against the network. */
class TaskTest {
  private static final Preprocessing PIXELS = Preprocessing.of(Shape.of(1, 2, 2), Fit.STRETCH);
  private static final Task LABELS = new Task.SeveralLabels(List.of("wet"));
  private static final Task NUMBERS =
      new Task.Numbers(List.of(new Task.Quantity("age", 40.25, 12.5), new Task.Quantity("kg", 1, 2)));

  private static Card card(Task task) {
    return new Card("n", task, PIXELS, Map.of());
  }

  private static Model model(Task task, int outputs) {
    return Model.create(Sequential.of(new Flatten(), Linear.of(outputs).named("last")), card(task), 1);
  }

  @Test
  void cardsAreReadAsTheyWereWritten() {
    for (Task task : List.of(LABELS, NUMBERS, new Task.OneLabel(List.of("a", "b")), new Task.None())) {
      assertThat(CardJson.read(Json.parseObject(CardJson.write(card(task)).text(), "card"))).isEqualTo(card(task));
    }
  }

  /** Files of earlier versions have neither key, and those of one label have none today. */
  @Test
  void theJsonOfOneLabelIsThatOfEarlierVersions() {
    String earlier =
        "{\"network\":\"n\",\"classes\":[\"a\",\"b\"],\"preprocessing\":{\"shape\":[1,2,2],\"fit\":\"stretch\",\"mean\":[0],"
            + "\"std\":[1]},\"provenance\":{}}";
    Card card = CardJson.read(Json.parseObject(earlier, "card"));
    assertThat(card).isEqualTo(card(new Task.OneLabel(List.of("a", "b"))));
    assertThat(CardJson.write(card).text()).doesNotContain("labels", "numbers");
    assertThat(CardJson.write(card(LABELS)).text()).contains("\"classes\":[\"wet\"]");
    assertThat(CardJson.write(card(NUMBERS)).text()).contains("\"classes\":[]");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "\"classes\":[],\"numbers\":[{\"name\":\"a\",\"mean\":0,\"std\":0}] | needs a finite mean and a standard deviation above 0",
      "\"classes\":[],\"numbers\":[{\"name\":\"a\",\"mean\":0,\"std\":1},{\"name\":\"a\",\"mean\":0,\"std\":1}] | different names",
      "\"classes\":[],\"numbers\":[] | needs the name of one or more",
      "\"classes\":[],\"numbers\":[3] | expected objects",
      "\"classes\":[\"a\"],\"numbers\":[{\"name\":\"b\",\"mean\":0,\"std\":1}] | expected classes or numbers, got both",
      "\"classes\":[],\"several_labels\":true | needs the name of one or more",
      "\"classes\":[\"a\"] | a classifier needs 2 classes or more"})
  void damagedCardsAreRefused(String members, String message) {
    String json =
        "{\"network\":\"n\"," + members + ",\"preprocessing\":{\"shape\":[1,2,2],\"fit\":\"stretch\",\"mean\":[0],\"std\":[1]},"
            + "\"provenance\":{}}";
    assertThatThrownBy(() -> CardJson.read(Json.parseObject(json, "card"))).isInstanceOf(FoveaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theNetworkNeedsAnOutputForEach() {
    assertThat(model(LABELS, 1).card().task()).isEqualTo(LABELS);
    assertThatThrownBy(() -> model(NUMBERS, 3)).isInstanceOf(FoveaException.class)
        .hasMessage("a model of numbers needs one output for each of 2, got 1x3");
    assertThatThrownBy(() -> model(LABELS, 2)).hasMessage("a model of several labels needs one output for each of 1, got 1x2");
  }

  @Test
  void aModelIsGivenAnotherTask() {
    Model classifier = model(new Task.OneLabel(List.of("a", "b", "c")), 3);
    Model numbers = classifier.withTask(NUMBERS, 4);
    assertThat(numbers.card().task()).isEqualTo(NUMBERS);
    assertThat(numbers.graph().outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 2));
    assertThat(model(new Task.OneLabel(List.of("no", "yes")), 1).withTask(NUMBERS, 4).graph().outputShape(Model.OUTPUT))
        .as("of a single logit").isEqualTo(Shape.of(1, 2));
  }
}
