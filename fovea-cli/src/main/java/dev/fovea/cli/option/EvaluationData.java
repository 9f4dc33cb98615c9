package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.metric.TestSet;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The images on which a trained model is evaluated. */
public final class EvaluationData {
  @Option(names = "--data", paramLabel = "DATA", converter = Converters.Data.class,
      description = "The data set, in a form that fovea data lists. Default: the one that the model was trained on.")
  private Optional<DataSpec> data = Optional.empty();

  @Option(names = "--classes", paramLabel = "NAME", split = ",",
      description = "Use only these classes of the data set, as in 3,8.")
  private List<String> classes = List.of();

  @Mixin
  private final SkipOption skip = new SkipOption();

  /** The test images, see {@link TestSet}. */
  public Dataset test(Model model, Streams streams) {
    DataOptions options = options(model, streams);
    TestSet chosen = TestSet.of(model, spec(model), Datasets.parts(spec(model), options), options);
    Dataset images = withClasses(chosen.images(), model, streams);
    chosen.reason().ifPresent(streams::say);
    return images;
  }

  /** A part, split as for training with the model's seed. */
  public Dataset part(Split.Part part, Model model, Streams streams) {
    return withClasses(Datasets.open(spec(model), options(model, streams)).part(part), model, streams);
  }

  /** Whether a data set is given, or the model says on which it was trained. */
  public boolean known(Model model) {
    return data.isPresent() || model.card().provenance().containsKey("data");
  }

  /**
   * The training images, and those that training holds out of them; all images of a data set without parts. Their classes need not be
   * the model's.
   */
  public Dataset training(Model model, Streams streams) {
    Dataset images = Datasets.parts(spec(model), options(model, streams)).train();
    return classes.isEmpty() ? images : Datasets.only(images, classes);
  }

  /** At most that number of the part's images, evenly chosen. */
  public Dataset part(Split.Part part, Model model, Streams streams, int limit) {
    return evenly(part(part, model, streams), limit);
  }

  /** At most that number of images, evenly chosen. */
  public static Dataset evenly(Dataset images, int limit) {
    int size = images.size();
    return size <= limit ? images
        : images.subset(IntStream.range(0, limit).map(i -> (int) ((long) i * size / limit)).toArray(), images.name());
  }

  private DataSpec spec(Model model) {
    return data.orElseGet(() -> DataSpec.parse(model.card().provenance().getOrDefault("data", "digits")));
  }

  private DataOptions options(Model model, Streams streams) {
    Map<String, String> card = model.card().provenance();
    boolean skipped = skip.given()
        || (card.containsKey(RunConfig.SKIP_UNREADABLE) && spec(model).toString().equals(card.get("data")));
    return DataSets.options(DataSets.seed(model), skipped, streams).task(model.card().task());
  }

  private Dataset withClasses(Dataset part, Model model, Streams streams) {
    Dataset chosen = classes.isEmpty() ? part : Datasets.only(part, classes);
    return DataSets.withClassesOf(model, chosen, spec(model), streams);
  }
}
