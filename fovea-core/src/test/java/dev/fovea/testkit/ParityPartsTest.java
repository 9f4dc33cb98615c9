package dev.fovea.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Head;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Every value of a network's file is compared: for a small network with all parts, a change of any value makes the suite fail. */
class ParityPartsTest {
  /** A head's weight is a float, 0.3 to within 1e-8; the rest is in double. */
  private static final Tolerance CLOSE = new Tolerance(0, 1e-7, 1e-7, 1e-7, 1e-7, 1e-7);

  private final ObjectNode file = (ObjectNode) ParityFiles.read("parts.json");

  @Test
  void noValueMayChange() throws Throwable {
    run();
    List<Change> changes = new ArrayList<>();
    collect("eval", file.path("eval"), changes);
    collect("train", file.path("train"), changes);
    assertThat(changes).extracting(Change::where)
        .contains("eval.output.values.8", "eval.layers.1.std", "train.lossParts.1", "train.running.1.samples.0");
    for (Change change : changes) {
      change.with.run();
      assertThatThrownBy(this::run, "%s is compared", change.where).isInstanceOf(AssertionError.class)
          .hasMessageContaining("expected");
      change.back.run();
    }
    run();
  }

  private void run() throws Throwable {
    ParityNetwork network = ParityNetwork.of(file);
    DynamicContainer tests = (DynamicContainer) ParitySuite.network(Engine.REFERENCE, CLOSE, network, () -> graph(network));
    for (Object test : tests.getChildren().toList()) {
      ((DynamicTest) test).getExecutable().execute();
    }
  }

  private static Graph graph(ParityNetwork network) {
    return Model.graphOf(ParityPartsTest::network, network.input().withoutBatch());
  }

  private static Value network(GraphBuilder g, Value x) {
    Layer body = Sequential.of(Conv2d.of(4, 3).padding(1).named("conv"), BatchNorm2d.standard().named("bn"), Activation.RELU);
    Value maps = body.apply(g, x);
    new Head("aux", 0.3, Sequential.of(new Flatten(), Linear.of(3))).apply(g, maps);
    return Sequential.of(AdaptiveAvgPool2d.global().named("pool"), new Flatten(), Linear.of(3).named("fc")).apply(g, maps);
  }

  private record Change(String where, Runnable with, Runnable back) {}

  /** A change for each value below the node, except for error bounds. */
  private static void collect(String where, JsonNode node, List<Change> to) {
    switch (node) {
      case ObjectNode object -> object.forEachEntry((name, child) -> {
        String path = where + "." + name;
        if (child.isNumber() && !path.toLowerCase(Locale.ROOT).endsWith("err")) {
          to.add(new Change(path, () -> object.set(name, other(child)), () -> object.set(name, child)));
        } else if (!name.endsWith("Err")) {
          collect(path, child, to);
        }
      });
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          int at = i;
          JsonNode child = array.get(i);
          if (child.isNumber()) {
            to.add(new Change(where + "." + i, () -> array.set(at, other(child)), () -> array.set(at, child)));
          } else {
            collect(where + "." + i, child, to);
          }
        }
      }
      default -> {}
    }
  }

  private static JsonNode other(JsonNode number) {
    return number.isInt()
        ? JsonNodeFactory.instance.numberNode(number.asInt() + 1)
        : JsonNodeFactory.instance.numberNode(number.asDouble() * 1.001 + 1e-4);
  }
}
