package dev.fovea.cli.console;

import dev.fovea.data.Dataset;
import dev.fovea.explain.attack.AttackResult;
import dev.fovea.format.AtomicFile;
import dev.fovea.format.FileNames;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes attacked images, and a sheet of some of them, into a folder. */
public final class AttackFiles implements AttackResult.Reader {
  /** Images on the sheet. */
  private static final int SHOWN = 12;

  /** The number by which changes on the sheet are enlarged, from grey. */
  private static final int ENLARGED = 10;

  private static final int GREY = 128;

  /** An image, its change, and what it became. */
  private static final int COLUMNS = 3;

  private static final Pattern NAME = Pattern.compile("\\d{6,10}\\.png");

  private static final String ABOUT = "attack.json";
  private static final String SHEET = "sheet.png";

  private final Path folder;
  private final Preprocessing preprocessing;

  /** Indices of images on the sheet. */
  private final Set<Integer> chosen;

  /** Rows of the sheet, by index. */
  private final TreeMap<Integer, List<Image>> shown = new TreeMap<>();

  /**
   * The folder exists; what an earlier attack wrote into it is deleted.
   *
   * @param count of images
   */
  public AttackFiles(Path folder, Preprocessing preprocessing, int count) {
    this.folder = folder;
    this.preprocessing = preprocessing;
    int rows = Math.min(SHOWN, count);
    ContactSheet.check(rows, COLUMNS, preprocessing.width(), preprocessing.height());
    this.chosen = IntStream.range(0, rows).map(i -> (int) ((long) i * count / rows)).boxed().collect(Collectors.toSet());
    earlier(folder.resolve(ABOUT)).forEach(name -> OutputFolder.remove(folder.resolve(name)));
    OutputFolder.remove(folder.resolve(ABOUT));
    OutputFolder.remove(folder.resolve(SHEET));
  }

  /** The images that an earlier attack lists. */
  private static List<String> earlier(Path about) {
    if (!Files.exists(about)) {
      return List.of();
    }
    try {
      return JsonMapper.shared().readTree(about.toFile()).path("images").valueStream()
          .map(image -> image.path("file").asString(""))
          .filter(name -> NAME.matcher(name).matches()).toList();
    } catch (JacksonException e) {
      throw new FoveaException(FileNames.text(about) + ": was not written by an attack; give another --out", e);
    }
  }

  @Override
  public void read(int first, Tensor inputs, Tensor attacked) {
    int size = inputs.shape().sizeFrom(1);
    for (int n = 0; n < inputs.shape().dim(0); n++) {
      Image after = preprocessing.image(attacked.values(), n * size);
      after.write(folder.resolve(name(first + n)));
      if (chosen.contains(first + n)) {
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

  /** Writes what became of each image, and the sheet. */
  public void finish(Dataset data, AttackResult result, ObjectNode about) {
    ObjectNode node = about.deepCopy();
    ArrayNode images = node.putArray("images");
    for (int i = 0; i < data.size(); i++) {
      images.addObject().put("file", name(i)).put("image", data.source(i)).put("label", data.classes().get(data.label(i)))
          .put("before", data.classes().get(result.before()[i])).put("after", data.classes().get(result.after()[i]));
    }
    AtomicFile.write(folder.resolve(ABOUT), (node + "\n").getBytes(StandardCharsets.UTF_8));
    ContactSheet.of(new ArrayList<>(shown.values())).write(folder.resolve(SHEET));
  }
}
