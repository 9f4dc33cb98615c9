package dev.fovea.augment.pixels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import dev.fovea.image.Interpolation;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The cases of {@code augment.json}, compared with torchvision and Pillow. An unknown case fails. */
class ParityAugmentTest {
  /** Theirs truncate where these round; and torchvision's blur and hue are in float. */
  private static final int ROUNDING = 1;

  @TestFactory
  Stream<DynamicTest> operationsGiveTheValuesOfTorchvision() throws IOException {
    try (InputStream in = Objects.requireNonNull(ParityAugmentTest.class.getResourceAsStream("/parity/augment.json"))) {
      JsonNode file = JsonMapper.shared().readTree(in);
      Image image = image(file.get("image"));
      byte[] fill = new byte[3];
      for (int c = 0; c < fill.length; c++) {
        fill[c] = (byte) file.get("fill").get(c).intValue();
      }
      assertThat(file.get("cases")).hasSize(29);
      return StreamSupport.stream(file.get("cases").spliterator(), false).map(row -> {
        double[] values =
            StreamSupport.stream(row.get("values").spliterator(), false).mapToDouble(JsonNode::doubleValue).toArray();
        String operation = row.get("operation").stringValue();
        return DynamicTest.dynamicTest(operation + row.get("values"), () -> {
          Image result = applied(operation, image, values, fill);
          Image expected = image(row.get("result"));
          assertThat(result).hasToString(expected.toString());
          assertThat(difference(result, expected)).isLessThanOrEqualTo(tolerance(operation));
        });
      });
    }
  }

  /** What is computed in integers by both is equal. */
  private static int tolerance(String operation) {
    return switch (operation) {
      case "posterize", "solarize", "autoContrast", "equalize", "grayscale", "flip", "resizedCrop", "bicubic" -> 0;
      default -> ROUNDING;
    };
  }

  private static Image image(JsonNode node) {
    return new Image(node.get("width").intValue(), node.get("height").intValue(), 3,
        Base64.getDecoder().decode(node.get("pixels").stringValue()));
  }

  private static int difference(Image a, Image b) {
    int largest = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      largest = Math.max(largest, Math.abs((a.pixels()[i] & 0xff) - (b.pixels()[i] & 0xff)));
    }
    return largest;
  }

  private static Image applied(String operation, Image image, double[] v, byte[] fill) {
    int width = image.width();
    int height = image.height();
    return switch (operation) {
      case "affine" -> warped(image, fill,
          Projection.affine(width / 2.0, height / 2.0, new Projection.Motion(v[0], v[1], v[2], v[3], v[4], v[5])));
      case "shear" -> warped(image, fill, Projection.affine(0, 0, Projection.Motion.sheared(v[0], 0)));
      case "rotate" -> warped(image, fill, Projection.affine(width / 2.0, height / 2.0, Projection.Motion.rotated(-v[0])));
      case "perspective" -> warped(image, fill,
          Projection.perspective(new double[] {0, 0, width, 0, width, height, 0, height}, v));
      case "brightness" -> Colors.brightness(image, v[0]);
      case "contrast" -> Colors.contrast(image, v[0]);
      case "saturation" -> Colors.saturation(image, v[0]);
      case "hue" -> Colors.hue(image, v[0]);
      case "sharpness" -> Colors.sharpness(image, v[0]);
      case "grayscale" -> Colors.grayscale(image);
      case "posterize" -> Tables.posterize(image, (int) v[0]);
      case "solarize" -> Tables.solarize(image, v[0]);
      case "autoContrast" -> Tables.autoContrast(image);
      case "equalize" -> Tables.equalize(image);
      case "blur" -> Convolution.gaussian(image, v[0]);
      case "flip" -> Projection.affine(-1, 0, width, 0, 1, 0).nearest(image, width, height, fill);
      case "resizedCrop" -> image.crop((int) v[0], (int) v[1], (int) v[2], (int) v[3]).resize((int) v[4], (int) v[5]);
      case "bicubic" -> image.resize((int) v[0], (int) v[1], Interpolation.BICUBIC);
      default -> throw new IllegalArgumentException(operation);
    };
  }

  private static Image warped(Image image, byte[] fill, Projection projection) {
    return projection.bilinear(image, image.width(), image.height(), fill);
  }
}
