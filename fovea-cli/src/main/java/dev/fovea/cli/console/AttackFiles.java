package dev.fovea.cli.console;

import dev.fovea.data.Dataset;
import dev.fovea.explain.attack.AttackResult;
import dev.fovea.format.AtomicFile;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes attacked images, and a sheet of some of them, into a folder. */
public final class AttackFiles implements AttackResult.Reader {
  /** Images on the sheet. */
  private static final int SHOWN = 12;

  /** The number by which changes on the sheet are enlarged, from grey. */
  private static final int ENLARGED = 10;

  private static final int GREY = 128;

  private final Path folder;
  private final Preprocessing preprocessing;

  /** An image, its change and the attacked image, by index, until it is known which to show. */
  private final TreeMap<Integer, List<Image>> shown = new TreeMap<>();

  /** The folder exists. */
  public AttackFiles(Path folder, Preprocessing preprocessing) {
    this.folder = folder;
    this.preprocessing = preprocessing;
  }

  @Override
  public void read(int first, Tensor inputs, Tensor attacked) {
    int size = inputs.shape().sizeFrom(1);
    for (int n = 0; n < inputs.shape().dim(0); n++) {
      Image after = preprocessing.image(attacked.values(), n * size);
      after.write(folder.resolve(name(first + n)));
      if (shown.size() < SHOWN) {
        Image before = preprocessing.image(inputs.values(), n * size);
        shown.put(first + n, List.of(before, change(before, after), after));
      }
    }
  }

  private static String name(int index) {
    return "%06d.png".formatted(index);
  }

  private static Image change(Image before, Image after) {
    byte[] pixels = new byte[before.pixels().length];
    for (int i = 0; i < pixels.length; i++) {
      int change = (after.pixels()[i] & 0xff) - (before.pixels()[i] & 0xff);
      pixels[i] = (byte) Math.clamp(GREY + (long) ENLARGED * change, 0, 255);
    }
    return new Image(before.width(), before.height(), before.channels(), pixels);
  }

  /** Writes the sheet, and what became of each image. */
  public void finish(Dataset data, AttackResult result, ObjectNode about) {
    ContactSheet.of(new ArrayList<>(shown.values())).write(folder.resolve("sheet.png"));
    ObjectNode node = about.deepCopy();
    ArrayNode images = node.putArray("images");
    for (int i = 0; i < data.size(); i++) {
      images.addObject().put("file", name(i)).put("image", data.source(i)).put("label", data.classes().get(data.label(i)))
          .put("before", data.classes().get(result.before()[i])).put("after", data.classes().get(result.after()[i]));
    }
    AtomicFile.write(folder.resolve("attack.json"), (node + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
