package dev.fovea.cli.option;

import dev.fovea.explain.Explainer;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The model that a command runs, and how the engine runs it. */
public final class ModelOptions {
  @Parameters(index = "0", paramLabel = "MODEL", converter = Converters.File.class,
      description = "A model file (Fovea's or ONNX), a run folder, or a folder of Hugging Face's with config.json.")
  private Path model = Path.of("");

  @Mixin
  private final ThreadsOption threads = new ThreadsOption();

  @Mixin
  private final PrecisionOption precision = new PrecisionOption();

  /** As given, for messages. */
  public Path path() {
    return model;
  }

  /** The model's file or folder. */
  public Path file() {
    return RunFolder.modelFile(model);
  }

  public int threads() {
    return threads.count();
  }

  /**
   * Loads a model of classes, in standard form, and sets the precision.
   *
   * @throws FoveaException if nothing is known about what the model's outputs mean
   */
  public Model load() {
    Model loaded = loadAny();
    return Hint.at(model, loaded::standardForm);
  }

  /** Loads a model as it is, and sets the precision. */
  public Model loadAny() {
    precision.apply();
    return withThreads(Model.load(file()));
  }

  /**
   * Explains an output as it is, or the classes; of a model without any, its main output.
   *
   * @param loaded by {@link #loadAny}
   */
  public Explainer explainer(Model loaded, Optional<String> output) {
    return Hint.at(model, () -> output.map(name -> Explainer.of(loaded, name)).orElseGet(() -> Explainer.of(loaded)))
        .threads(threads());
  }

  /** Without an option the precision is exact: for commands whose results are compared with those of other programs. */
  public void preferExact() {
    precision.applyOrExact();
  }

  /** The model with that number of threads. */
  public Model withThreads(Model loaded) {
    return loaded.withThreads(threads.count());
  }
}
