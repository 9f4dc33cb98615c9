package dev.fovea.cli.console;

import dev.fovea.explain.Answer;
import dev.fovea.explain.arithmetic.Arithmetic;
import dev.fovea.explain.arithmetic.Calculation;
import dev.fovea.explain.arithmetic.Term;
import dev.fovea.graph.Precision;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** How a number is computed, for people and for programs. */
public final class ArithmeticText {
  private ArithmeticText() {}

  // ---- For people

  public static String of(Answer answer, List<Calculation> forward, Optional<Arithmetic.Backward> backward) {
    StringBuilder text = new StringBuilder();
    forward.forEach(step -> step(text, step));
    backward.ifPresent(derivative -> {
      text.append("\nderivative of the score for '").append(answer.label()).append("' (").append(answer.score()).append(")\n\n");
      derivative.arrived().forEach(step -> step(text, step));
      if (!derivative.passed().isEmpty()) {
        text.append("\npassed on\n");
        derivative.passed()
            .forEach(passed -> text.append(String.format(Locale.ROOT, "  %-44s %15s\n", place(passed.to()), passed.gradient())));
      }
    });
    return text.toString();
  }

  private static void step(StringBuilder text, Calculation step) {
    text.append(step.of()).append(places(step.at())).append(", ").append(step.operator()).append('\n');
    step.bias().ifPresent(bias -> text.append(String.format(Locale.ROOT, "  %-44s %15s\n", place(bias), bias.value())));
    for (Term term : step.terms()) {
      text.append(String.format(Locale.ROOT, "  %-44s %15s", place(term.input()), term.input().value()));
      term.weight().ifPresent(
          weight -> text
              .append(String.format(Locale.ROOT, "  x %-36s %15s  = %15s", place(weight), weight.value(), term.product())));
      text.append('\n');
    }
    if (step.terms().isEmpty()) {
      text.append("  ").append(step.isSum() ? "of no product: nothing lies there"
          : step.operator().equals("Input")
              ? "where the derivative begins: the number's weight in the score"
              : "of whole rows or maps")
          .append('\n');
    }
    text.append(String.format(Locale.ROOT, "%-46s %15s\n", step.isSum() ? "sum" : "result", step.value()));
  }

  private static String place(Term.Entry number) {
    return number.of() + places(number.at());
  }

  private static String places(List<Integer> at) {
    return at.isEmpty() ? "" : at.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
  }

  // ---- For programs

  public static ObjectNode json(String layer, Answer answer, List<Calculation> forward, Optional<Arithmetic.Backward> backward) {
    ObjectNode node = object(forward.getFirst());
    node.put("layer", layer).put("precision", Precision.chosen().spelling());
    ArrayNode then = node.putArray("then");
    forward.stream().skip(1).forEach(step -> then.add(object(step)));
    backward.ifPresent(derivative -> {
      ObjectNode of = node.putObject("backward");
      of.put("class", answer.index()).put("label", answer.label()).put("score", answer.score());
      of.put("gradient", derivative.gradient());
      ArrayNode arrived = of.putArray("arrived");
      derivative.arrived().forEach(step -> arrived.add(object(step)));
      ArrayNode passed = of.putArray("passed");
      derivative.passed().forEach(to -> {
        ObjectNode one = passed.addObject().put("to", to.to().of());
        one.putPOJO("at", to.to().at());
        one.put("gradient", to.gradient());
      });
    });
    return node;
  }

  private static ObjectNode object(Calculation step) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("of", step.of()).put("operator", step.operator());
    node.putPOJO("at", step.at());
    if (step.isSum()) {
      node.put("order", "sum = bias, or 0; for each tap sum = fma(input, weight, sum)");
    }
    step.bias().ifPresent(bias -> node.put("bias", bias.value()));
    ArrayNode taps = node.putArray("taps");
    for (Term term : step.terms()) {
      ObjectNode tap = taps.addObject().put("input", term.input().value());
      term.weight().ifPresent(weight -> tap.put("weight", weight.value()).put("product", term.product()));
      tap.put("input_of", term.input().of()).putPOJO("input_at", term.input().at());
      term.weight().ifPresent(weight -> tap.put("weight_of", weight.of()).putPOJO("weight_at", weight.at()));
    }
    if (step.isSum()) {
      node.put("sum", step.value());
    }
    return node.put("value", step.value());
  }
}
