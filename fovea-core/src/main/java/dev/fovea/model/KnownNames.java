package dev.fovea.model;

import dev.fovea.model.NameMap.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Other names of the parameters of networks that are named as in torchvision: those of timm, and torchvision's own of former versions.
 */
enum KnownNames {
  /** torchvision's files of DenseNets, as of before 2018: {@code norm.1} in place of {@code norm1}. */
  DENSENET("torchvision's former names of DenseNet",
      new Rule("(.*denselayer\\d+\\.(?:norm|conv))\\.([12]\\..*)", m -> m.group(1) + m.group(2))),

  /** Its classifier is convolutions there: 7x7, then 1x1. */
  TIMM_VGG("timm's names of VGG",
      new Rule("pre_logits\\.fc1\\.(.*)", m -> "classifier.0." + m.group(1)),
      new Rule("pre_logits\\.fc2\\.(.*)", m -> "classifier.3." + m.group(1)),
      new Rule("head\\.fc\\.(.*)", m -> "classifier.6." + m.group(1))),

  /** Blocks are numbered by stage there, and their layers have names. */
  TIMM_MOBILENET_V2("timm's names of MobileNetV2",
      new Rule("conv_stem\\.(.*)", m -> "features.0.0." + m.group(1)),
      new Rule("bn1\\.(.*)", m -> "features.0.1." + m.group(1)),
      new Rule("blocks\\.0\\.0\\.(conv_dw|bn1|conv_pw|bn2)\\.(.*)",
          m -> "features.1.conv." + Map.of("conv_dw", "0.0", "bn1", "0.1", "conv_pw", "1", "bn2", "2").get(m.group(1)) + "."
              + m.group(2)),
      new Rule("blocks\\.([1-6])\\.([0-3])\\.(conv_pw|bn1|conv_dw|bn2|conv_pwl|bn3)\\.(.*)",
          m -> "features." + mobileNetBlock(m) + ".conv."
              + Map.of("conv_pw", "0.0", "bn1", "0.1", "conv_dw", "1.0", "bn2", "1.1", "conv_pwl", "2", "bn3", "3")
                  .get(m.group(3))
              + "."
              + m.group(4)),
      new Rule("conv_head\\.(.*)", m -> "features.18.0." + m.group(1)),
      new Rule("bn2\\.(.*)", m -> "features.18.1." + m.group(1)),
      new Rule("classifier\\.(.*)", m -> "classifier.1." + m.group(1)));

  private static final List<Integer> MOBILENET_DEPTHS = List.of(1, 2, 3, 4, 3, 3, 1);

  private final String description;
  private final List<Rule> rules;

  KnownNames(String description, Rule... rules) {
    this.description = description;
    this.rules = List.of(rules);
  }

  /** What a name that matches as a whole becomes. */
  private record Rule(Pattern pattern, Replacement replacement) {
    Rule(String pattern, Replacement replacement) {
      this(Pattern.compile(pattern), replacement);
    }
  }

  private interface Replacement {
    String of(MatchResult match);
  }

  private static int mobileNetBlock(MatchResult match) {
    int stage = Integer.parseInt(match.group(1));
    return 1 + IntStream.range(0, stage).map(MOBILENET_DEPTHS::get).sum() + Integer.parseInt(match.group(2));
  }

  private String renamed(String name) {
    for (Rule rule : rules) {
      Matcher matcher = rule.pattern.matcher(name);
      if (matcher.matches()) {
        return rule.replacement.of(matcher);
      }
    }
    return name;
  }

  /**
   * The names in the network for those in a file, by the table with which most of them meet; none if they meet best as they are. The
   * source of the result is the table's description.
   */
  static NameMap of(List<String> names, Set<String> parameters) {
    NameMap best = NameMap.none();
    long most = names.stream().filter(parameters::contains).count();
    for (KnownNames table : values()) {
      NameMap map = map(names, parameters, table::renamed, table.description);
      if (map.pairs().size() > most) {
        best = map;
        most = map.pairs().size();
      }
    }
    String prefix = commonPrefix(names);
    if (!prefix.isEmpty()) {
      NameMap map = map(names, parameters, name -> name.substring(prefix.length()), "without the prefix " + prefix);
      best = map.pairs().size() > most ? map : best;
    }
    return best;
  }

  /** All names that become those of parameters. */
  private static NameMap map(List<String> names, Set<String> parameters, UnaryOperator<String> renamed, String description) {
    List<Pair> pairs = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (String name : names) {
      String other = renamed.apply(name);
      if (parameters.contains(other) && taken.add(other)) {
        pairs.add(new Pair(name, other, 0));
      }
    }
    return new NameMap(pairs, description);
  }

  /** The first part of all names with its point, such as {@code model.}; empty if they differ. */
  private static String commonPrefix(List<String> names) {
    String first = names.isEmpty() ? "" : names.getFirst();
    String prefix = first.substring(0, first.indexOf('.') + 1);
    return names.stream().allMatch(name -> name.startsWith(prefix)) ? prefix : "";
  }
}
