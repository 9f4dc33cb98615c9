package dev.fovea.cli.option;

import dev.fovea.image.TestTimeAugmentation;
import picocli.CommandLine.Option;

/** Test-time augmentation. */
public final class ViewsOption {
  @Option(names = "--tta", paramLabel = "VIEWS", converter = Converters.Views.class,
      completionCandidates = Choices.AllViews.class,
      description = "Test-time augmentation, for classifiers: the mean of the probabilities of several views of an image. none; flip:"
          + " it and its mirror image; five-crop: four corners and the centre; ten-crop: these and their mirror images. Default: none.")
  private TestTimeAugmentation views = TestTimeAugmentation.NONE;

  public TestTimeAugmentation views() {
    return views;
  }
}
