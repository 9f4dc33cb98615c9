package dev.fovea.zoo.notation;

import dev.fovea.layer.Activation;
import dev.fovea.tensor.Rng;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Random texts: every step, every setting, groups, mixed case and unusual spaces. */
final class RandomNotation {
  private final Rng random;
  private long drawn;

  RandomNotation(Rng random) {
    this.random = random;
  }

  String text() {
    String input = pick("input", "INPUT", "Input 4x19x24", "input 6x16X17");
    String ending = pick(arrow() + "relu", arrow() + "FC", arrow() + chain(2, false) + arrow() + "fc" + pick("", " 7 no bias"));
    return pick("", "  ") + input + arrow() + chain(2, true) + ending + pick("", "\n");
  }

  private String chain(int depth, boolean maps) {
    return IntStream.range(0, between(1, 3)).mapToObj(_ -> element(depth, maps)).collect(Collectors.joining(arrow()));
  }

  private String element(int depth, boolean maps) {
    if (depth > 0 && between(0, 2) == 0) {
      return "[" + pick("", " ") + chain(depth - 1, maps) + "]" + pick("", "*0", "*1", " * 2", "*2", "*3", "*5");
    }
    String step = maps && between(0, 3) > 0 ? ofMaps() : anywhere();
    return between(0, 3) == 0 ? step.toUpperCase(Locale.ROOT) : step;
  }

  private String ofMaps() {
    return switch (between(0, 3)) {
      case 0, 1 -> "conv " + between(1, 2) * 2 + settings("groups 2", "no bias", "pad same", "pad valid");
      case 2 -> "pool " + pick("", "max", "mean", "trainable");
      default -> "pool " + pick("max" + settings("ceil", "pad same"), "mean" + settings("ceil"), "mean", "gaussian",
          "gaussian 5 pad 1", "trainable" + settings());
    };
  }

  /** Some of the window's settings and of these, in random order. */
  private String settings(String... more) {
    String[] all = {"2", "3x1", "5", "stride 1", "stride 2x1", "pad 1", "pad 0x1", "pad 0,1,1,0", "dilation 2"};
    StringBuilder text = new StringBuilder();
    String size = pick("", pick(all[0], all[1], all[2]));
    String stride = pick("", pick(all[3], all[4]));
    String pad = pick("", pick(all[5], all[6], all[7]));
    String other = more.length == 0 ? "" : pick("", pick(more));
    String dilation = pick("", "", "", all[8]);
    for (String setting : between(0, 1) == 0
        ? new String[] {size, stride, other.startsWith("pad") ? "" : pad, other, dilation}
        : new String[] {other, dilation, other.startsWith("pad") ? "" : pad, stride, size}) {
      text.append(setting.isEmpty() ? "" : " " + setting);
    }
    return text.toString();
  }

  private String anywhere() {
    return switch (between(0, 4)) {
      case 0, 1 -> pick(Arrays.stream(Activation.values())
          .filter(a -> a.pieces() == 1)
          .map(Activation::spelling)
          .toArray(String[]::new));
      case 2 -> "leaky_relu " + pick("0.2", "0.01", "1e-3", "0", ".5");
      case 3 -> "dropout" + pick("", " 0.5", " 0.25", " 0");
      default -> pick("flatten", "relu", "fc " + between(1, 9), "batchnorm", "BatchNorm", "lrn", "lrn 3", "maxout 1");
    };
  }

  private String arrow() {
    return pick("->", " -> ", " ->\n");
  }

  private int between(int min, int max) {
    return min + random.below(drawn++, max - min + 1);
  }

  private String pick(String... choices) {
    return choices[between(0, choices.length - 1)];
  }
}
