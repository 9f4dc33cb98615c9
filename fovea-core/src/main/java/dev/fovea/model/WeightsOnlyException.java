package dev.fovea.model;

import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;

/** Thrown if a file that is read as a model holds weights without a network. */
public final class WeightsOnlyException extends FoveaException {
  private static final long serialVersionUID = 1L;

  /**
   * For a file.
   *
   * @param tensors how many it holds
   */
  public WeightsOnlyException(Path file, int tensors) {
    super(file + ": holds " + tensors + (tensors == 1 ? " tensor" : " tensors")
        + " without a network: convert it with the network that they belong to");
  }
}
