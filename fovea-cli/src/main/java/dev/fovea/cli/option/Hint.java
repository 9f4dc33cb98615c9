package dev.fovea.cli.option;

import dev.fovea.diagnose.Finding;
import dev.fovea.model.HeapException;
import dev.fovea.model.WeightsOnlyException;
import dev.fovea.run.FolderInUseException;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.DivergedException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Adds to a library's error message the option or variable of the command line that helps; libraries do not know these. */
public final class Hint {
  private Hint() {}

  public static String message(FoveaException e) {
    return switch (e) {
      case HeapException _ -> e.getMessage() + " (FOVEA_JAVA_OPTS=-Xmx8g)";
      case WeightsOnlyException _ -> e.getMessage() + " (fovea convert FILE OUT.safetensors --network NAME --classes N)";
      case FolderInUseException folder ->
          e.getMessage() + folder.modes().stream().map(FolderOptions::name).collect(Collectors.joining(", ", " (", ")"));
      case DivergedException _ -> e.getMessage() + " (--lr)";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** What is wrong with a run, and the options that help. */
  public static String message(Finding finding) {
    return finding.message() + switch (finding.kind()) {
      case EXPLODING -> " (--lr, --warmup, --clip-norm)";
      case DEAD_RELU -> " (--lr, --warmup)";
      case NO_CHANGE, CHANCE -> " (--lr)";
      case PLATEAU -> " (--schedule, --patience)";
      case OVERFITTING -> " (--augment, --weight-decay, --patience)";
      case VANISHING -> "";
    };
  }

  /** Performs an action; the message of a failure gets the place before it, such as the model's file. */
  public static <T> T at(Object place, Supplier<T> action) {
    try {
      return action.get();
    } catch (FoveaException e) {
      throw new FoveaException(place + ": " + message(e), e);
    }
  }
}
