package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.MethodOptions;
import dev.fovea.explain.Method;
import dev.fovea.explain.method.Methods;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

/** The parent of the commands that explain a network's answers, one for each method; it does nothing by itself. */
@CommandLine.Command(
    name = "explain",
    header = "Explain why a network gives an answer.",
    commandListHeading = "%nMethods, and what else there is:%n",
    footer = {
        "",
        "Example:",
        "  fovea explain grad-cam runs/flowers rose.jpg --out why",
        "  fovea explain all runs/flowers rose.jpg --class tulip --out why"})
final class ExplainCommand {
  @Mixin
  private final HelpOption help = new HelpOption();

  /** With a command for each method. */
  static CommandLine with(Streams streams) {
    CommandLine line = new CommandLine(new ExplainCommand());
    MethodOptions of = new MethodOptions();
    add(line, streams, of, "saliency", "How the score changes with each pixel (Simonyan et al. 2014).");
    add(line, streams, of, "gradient-x-input", "That, times the pixel (Shrikumar et al. 2016).");
    add(line, streams, of, "smoothgrad", "The mean of the gradients of noisy images (Smilkov et al. 2017).", of.seed());
    add(line, streams, of, "integrated-gradients", "The gradients from black to the image, summed (Sundararajan et al. 2017).");
    add(line, streams, of, "guided-backprop", "Back-propagation of what is positive (Springenberg et al. 2015).");
    add(line, streams, of, "deconvnet", "The network run backwards (Zeiler and Fergus 2014).");
    add(line, streams, of, "grad-cam", "Where a layer's maps speak for the class (Selvaraju et al. 2017).", of.layer());
    add(line, streams, of, "grad-cam++", "That, for several objects (Chattopadhay et al. 2018).", of.layer());
    add(line, streams, of, "hires-cam", "That, only where the score depends on (Draelos and Carin 2020).", of.layer());
    add(line, streams, of, "layer-cam", "That, for early layers too (Jiang et al. 2021).", of.layer());
    add(line, streams, of, "score-cam", "Where maps show what gives a high score (Wang et al. 2020).", of.layer());
    add(line, streams, of, "occlusion", "How the score falls where the image is covered (Zeiler and Fergus 2014).", of.window());
    add(line, streams, of, "rise", "The mean score of randomly masked images (Petsiuk et al. 2018).", of.masks(), of.seed());
    add(line, streams, of, "lrp", "The score handed back, layer by layer (Bach et al. 2015).", of.rule());
    add(line, streams, of, "all", "All methods on one sheet.", Methods::all, of.layer(), of.window(), of.masks(), of.rule(),
        of.seed());
    line.addSubcommand(new ExplainCompareCommand(streams));
    line.addSubcommand(new ExplainArithmeticCommand(streams));
    line.addSubcommand(new ExplainLayersCommand(streams));
    return line;
  }

  private static void add(CommandLine line, Streams streams, MethodOptions options, String name, String header,
      Object... groups) {
    add(line, streams, options, name, header, methods -> List.of(methods.named(name)), groups);
  }

  private static void add(CommandLine line, Streams streams, MethodOptions options, String name, String header,
      Function<Methods, List<Method>> methods, Object... groups) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(new ExplainMethodCommand(streams, () -> methods.apply(options.methods())));
    spec.name(name).usageMessage().header(header).footer("", "Example:",
        "  fovea explain " + name + " runs/flowers rose.jpg --out why");
    for (Object group : groups) {
      spec.addMixin(group.getClass().getSimpleName(), CommandSpec.forAnnotatedObject(group));
    }
    line.addSubcommand(name, new CommandLine(spec));
  }
}
