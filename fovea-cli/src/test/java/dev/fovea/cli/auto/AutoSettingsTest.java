package dev.fovea.cli.auto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.augment.Augmentation;
import dev.fovea.check.Survey;
import dev.fovea.check.Symmetry;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.MobileNetV2;
import dev.fovea.zoo.ResNet;
import dev.fovea.zoo.notation.Notation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is chosen for images of a kind. */
class AutoSettingsTest {
  private static final Symmetry ALIKE = new Symmetry(200, 400);
  private static final Symmetry TOLD = new Symmetry(300, 400);
  private static final Task FIVE = new Task.OneLabel(List.of("a", "b", "c", "d", "e"));

  private static Survey photographs(int images, int side) {
    return new Survey(images, FIVE, false, false, 3, side, ALIKE, TOLD, images / 5, images / 5);
  }

  private static Known mobileNet() {
    return new Known("mobile", true, Shape.of(3, 224, 224), size -> Model.graphOf(new MobileNetV2(1000), size));
  }

  private static Known resNet() {
    return new Known("residual", true, Shape.of(3, 224, 224), size -> Model.graphOf(ResNet.resnet50(1000), size));
  }

  private static Map<String, String> chosen(Survey survey, Optional<Known> network, List<Known> cached, Set<String> given) {
    return chosen(survey, network, cached, given, Optional.empty(), Optional.empty());
  }

  private static Map<String, String> chosen(Survey survey, Optional<Known> network, List<Known> cached, Set<String> given,
      Optional<Shape> input, Optional<Integer> batch) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Choice choice : AutoSettings.of(survey, network, () -> cached, new Given(given, input, batch))) {
      assertThat(values.put(choice.option(), choice.value())).as("%s is chosen once", choice.option()).isNull();
      assertThat(choice.reason()).isNotBlank().doesNotContain("\n");
    }
    assertThat(values).doesNotContainKeys(given.toArray(String[]::new));
    return values;
  }

  private static Map<String, String> fromNothing(Survey survey) {
    return chosen(survey, Optional.empty(), List.of(), Set.of());
  }

  private static String value(Map<String, String> values, String option) {
    return values.getOrDefault(option, "none chosen");
  }

  /** The side of the images that a network in the notation takes. */
  private static int side(String notation) {
    return Notation.parse(notation).input().orElseThrow().dim(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 1000, 10_000, 100_000, 1_000_000})
  void theTimeIsBounded(int images) {
    for (int side : new int[] {16, 32, 64, 100, 240, 4000}) {
      Map<String, String> values = fromNothing(photographs(images, side));
      Notation network = Notation.parse(value(values, "model"));
      double seconds = Cost.ofImage(Model.graphOf(network.layer(5), network.input().orElseThrow())) * images
          * Integer.parseInt(value(values, "epochs"));
      assertThat(seconds).as("%d images of %d, %s", images, side, values).isLessThan(images < 1_000_000 ? 1300 : 6000);
      assertThat(side(value(values, "model"))).isLessThanOrEqualTo(Math.max(28, side * 9 / 8));
    }
  }

  @Test
  void moreImagesHaveSmallerNetworksAndFewerEpochs() {
    Map<String, String> few = fromNothing(photographs(2_000, 240));
    Map<String, String> many = fromNothing(photographs(200_000, 240));
    assertThat(side(value(few, "model"))).isEqualTo(128);
    assertThat(side(value(many, "model"))).isLessThan(128);
    assertThat(Integer.parseInt(value(few, "epochs"))).isGreaterThan(Integer.parseInt(value(many, "epochs")));
  }

  @Test
  void imagesAreMirroredWhereTheyLookAlike() {
    assertThat(value(fromNothing(photographs(2000, 64)), "augment")).startsWith("flip,").doesNotContain("vertical");
    Survey cells = new Survey(2000, FIVE, false, false, 3, 64, ALIKE, ALIKE, 400, 400);
    assertThat(value(fromNothing(cells), "augment")).startsWith("flip,vertical-flip,");
    Survey letters = new Survey(2000, FIVE, false, false, 1, 32, TOLD, TOLD, 400, 400);
    assertThat(value(fromNothing(letters), "augment")).doesNotContain("flip");
    Survey ink = new Survey(2000, FIVE, false, true, 1, 28, ALIKE, ALIKE, 400, 400);
    assertThat(value(fromNothing(ink), "augment")).doesNotContain("flip");
    for (Survey survey : List.of(cells, letters, ink)) {
      assertThat(Augmentation.parse(value(fromNothing(survey), "augment"))).isNotEqualTo(Augmentation.NONE);
    }
  }

  @Test
  void smallImagesAreShownAsAWhole() {
    assertThat(fromNothing(photographs(9000, 32))).containsEntry("augment", "flip,crop");
    assertThat(fromNothing(photographs(9000, 64))).containsEntry("augment", "flip,resized-crop(0.35..1)");
  }

  @Test
  void numbersAreNotMoved() {
    Task numbers = new Task.Numbers(List.of(new Task.Quantity("x", 0, 1)));
    Survey survey = new Survey(2000, numbers, false, false, 3, 64, ALIKE, ALIKE, 0, 0);
    assertThat(fromNothing(survey)).containsEntry("augment", "none").doesNotContainKeys("label-smoothing", "class-weights");
  }

  @Test
  void pixelsWithClassesHaveASegmentationNetwork() {
    Survey survey = new Survey(300, FIVE, true, false, 3, 360, ALIKE, TOLD, 0, 0);
    assertThat(fromNothing(survey)).containsEntry("model", "fcn-small").doesNotContainKeys("label-smoothing", "pretrained");
  }

  @Test
  void rareClassesWeighMore() {
    Survey survey = new Survey(2000, FIVE, false, false, 3, 64, ALIKE, TOLD, 20, 1500);
    assertThat(fromNothing(survey)).containsEntry("class-weights", "balanced");
    assertThat(fromNothing(photographs(2000, 64))).doesNotContainKey("class-weights");
  }

  @Test
  void aTrainedNetworkIsTrainedAsAWholeIfThereIsTime() {
    Map<String, String> few = chosen(photographs(1000, 240), Optional.of(mobileNet()), List.of(), Set.of("init"));
    assertThat(few).doesNotContainKeys("freeze", "model", "input", "pretrained").containsKeys("lr", "epochs", "augment");
    Map<String, String> more = chosen(photographs(8000, 240), Optional.of(mobileNet()), List.of(), Set.of("init"));
    assertThat(more).containsKey("input").doesNotContainKey("freeze");
    Map<String, String> many = chosen(photographs(500_000, 240), Optional.of(mobileNet()), List.of(), Set.of("init"));
    assertThat(many).containsEntry("freeze", "body").doesNotContainKey("augment");
  }

  /** Its own size need not be one that others have. */
  @Test
  void aNetworkKeepsItsOwnSize() {
    Known wide = new Known("wide", true, Shape.of(3, 100, 150), size -> Model.graphOf(new MobileNetV2(1000), size));
    assertThat(chosen(photographs(1000, 240), Optional.of(wide), List.of(), Set.of("init"))).doesNotContainKeys("input",
        "freeze");
  }

  @Test
  void whatIsGivenStays() {
    Set<String> given = Set.of("init", "epochs", "lr", "augment", "input");
    assertThat(chosen(photographs(8000, 240), Optional.of(mobileNet()), List.of(), given, Optional.of(mobileNet().input()),
        Optional.empty())).containsKey("schedule").doesNotContainKey("warmup");
    Map<String, String> sized = chosen(photographs(2000, 240), Optional.empty(), List.of(), Set.of("input"),
        Optional.of(Shape.of(3, 60, 90)), Optional.empty());
    assertThat(Notation.parse(value(sized, "model")).input()).contains(Shape.of(3, 60, 90));
    assertThat(chosen(photographs(2000, 240), Optional.of(mobileNet()), List.of(), Set.of("batch-size"), Optional.empty(),
        Optional.of(200))).as("an epoch").containsEntry("warmup", "10");
    assertThat(chosen(photographs(2000, 240), Optional.of(mobileNet()), List.of(), Set.of("momentum"))).as("adamw has none")
        .doesNotContainKey("optimizer");
    assertThat(chosen(photographs(2000, 240), Optional.empty(), List.of(), Set.of("optimizer", "loss")))
        .doesNotContainKeys("lr", "weight-decay", "label-smoothing").containsKey("warmup");
    Known untrained = new Known("residual", false, resNet().input(), resNet().graphs());
    assertThat(chosen(photographs(2000, 240), Optional.of(untrained), List.of(mobileNet()), Set.of("model")))
        .doesNotContainKeys("pretrained", "lr").containsKey("epochs");
  }

  /** Their losses have no options. */
  @Test
  void lossesThatHaveNoWeights() {
    Task two = new Task.OneLabel(List.of("a", "b"));
    Survey rare = new Survey(2000, two, false, false, 3, 64, ALIKE, TOLD, 20, 1980);
    Known logistic = new Known("logistic", false, Shape.of(1, 28, 28),
        size -> Model.graphOf(Sequential.of(new Flatten(), Linear.of(1)), size));
    assertThat(chosen(rare, Optional.of(logistic), List.of(), Set.of("model"))).doesNotContainKeys("label-smoothing",
        "class-weights");
    assertThat(chosen(rare, Optional.empty(), List.of(), Set.of("loss"))).doesNotContainKeys("label-smoothing", "class-weights");
    assertThat(chosen(rare, Optional.empty(), List.of(), Set.of())).containsKeys("label-smoothing", "class-weights");
  }

  @Test
  void aTestThatWasNotMadeIsNoReason() {
    Symmetry untested = new Symmetry(0, 0);
    Survey few = new Survey(20, FIVE, false, false, 3, 64, untested, untested, 4, 4);
    Choice augment = AutoSettings.of(few, Optional.empty(), List::of, new Given(Set.of(), Optional.empty(), Optional.empty()))
        .stream().filter(choice -> choice.option().equals("augment")).findFirst().orElseThrow();
    assertThat(augment.value()).startsWith("flip,resized");
    assertThat(augment.reason()).contains("too few to test");
  }

  @Test
  void theLargestCachedNetworkThatThereIsTimeFor() {
    List<Known> both = List.of(mobileNet(), resNet());
    assertThat(chosen(photographs(500, 240), Optional.empty(), both, Set.of())).containsEntry("pretrained", "residual")
        .doesNotContainKey("model");
    assertThat(chosen(photographs(4000, 240), Optional.empty(), both, Set.of())).containsEntry("pretrained", "mobile");
    assertThat(chosen(photographs(1_000_000, 240), Optional.empty(), both, Set.of())).doesNotContainKey("pretrained");
    assertThat(chosen(photographs(500, 32), Optional.empty(), both, Set.of())).doesNotContainKey("pretrained");
  }
}
