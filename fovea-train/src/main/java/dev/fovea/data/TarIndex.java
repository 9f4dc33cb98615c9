package dev.fovea.data;

import dev.fovea.data.tar.TarEntry;
import dev.fovea.data.tar.TarReader;
import dev.fovea.format.FileNames;
import dev.fovea.format.Json;
import dev.fovea.image.ImageDecoders;
import dev.fovea.tensor.FoveaException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the images of tar shards are, and their labels: 20 bytes of memory each. Files of one sample have the same name up to the first
 * point of its last part and follow each other, as WebDataset writes them; a sample is an image with a label, {@code .cls} or a {@code
 * .json} with a member {@code label}, {@code class} or {@code cls}.
 */
final class TarIndex {
  private static final Set<String> IMAGES = Set.copyOf(ImageDecoders.suffixes());
  private static final String LABEL = "cls";
  private static final String JSON = "json";
  private static final List<String> MEMBERS = List.of("label", "class", LABEL);

  private static final int MAX_CLASSES = 100_000;
  private static final int MAX_LABEL_BYTES = 1 << 10;
  private static final int MAX_JSON_BYTES = 1 << 20;
  private static final long MAX_IMAGE_BYTES = 1 << 30;

  /** Kinds of files that are counted apart. */
  private static final int MAX_KINDS = 20;

  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final Map<String, Long> skipped = new TreeMap<>();

  /** The images of a part; {@code label} is an index of {@link #classes}. */
  static final class Part {
    private final List<Path> shards;
    private int[] shard = new int[64];
    private long[] offset = new long[64];
    private int[] bytes = new int[64];
    private int[] label = new int[64];
    private int count;

    Part(List<Path> shards) {
      this.shards = shards;
    }

    private void add(int inShard, TarEntry image, int labelled) {
      if (count == shard.length) {
        int larger = Math.addExact(count, count / 2);
        shard = Arrays.copyOf(shard, larger);
        offset = Arrays.copyOf(offset, larger);
        bytes = Arrays.copyOf(bytes, larger);
        label = Arrays.copyOf(label, larger);
      }
      shard[count] = inShard;
      offset[count] = image.offset();
      bytes[count] = (int) image.size();
      label[count++] = labelled;
    }

    int size() {
      return count;
    }

    Path shard(int index) {
      return shards.get(shard[index]);
    }

    long offset(int index) {
      return offset[index];
    }

    int bytes(int index) {
      return bytes[index];
    }

    int label(int index) {
      return label[index];
    }

    private void relabel(int[] labels) {
      for (int i = 0; i < count; i++) {
        label[i] = labels[label[i]];
      }
    }
  }

  /** The files of the sample that is read. */
  private static final class Sample {
    private String key = "";
    private @Nullable TarEntry image;
    private @Nullable String label;
  }

  /** Reads the headers of the shards and their labels. */
  Part read(List<Path> shards) {
    Part part = new Part(shards);
    for (int i = 0; i < shards.size(); i++) {
      try (TarReader tar = TarReader.open(shards.get(i), this::skip)) {
        Sample sample = new Sample();
        for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
          sample = add(tar, entry.get(), sample, part, i);
        }
        finish(sample, part, i);
      }
    }
    return part;
  }

  private Sample add(TarReader tar, TarEntry entry, Sample open, Part part, int shard) {
    String name = entry.name();
    int last = name.lastIndexOf('/') + 1;
    int point = name.indexOf('.', last);
    if (point <= last) {
      skip(point == last ? "hidden file" : "file without an extension");
      return open;
    }
    String key = name.substring(0, point);
    Sample sample = open;
    if (!key.equals(open.key)) {
      finish(open, part, shard);
      sample = new Sample();
      sample.key = key;
    }
    String extension = name.substring(point + 1).toLowerCase(Locale.ROOT);
    if (IMAGES.contains(extension) && sample.image == null && entry.size() <= MAX_IMAGE_BYTES) {
      sample.image = entry;
    } else if (extension.equals(LABEL)) {
      sample.label = new String(tar.bytes(entry, MAX_LABEL_BYTES), StandardCharsets.UTF_8).strip();
    } else if (extension.equals(JSON) && entry.size() <= MAX_JSON_BYTES) {
      sample.label = sample.label == null ? label(new String(tar.bytes(entry, MAX_JSON_BYTES), StandardCharsets.UTF_8), name)
          : sample.label;
    } else {
      skip(IMAGES.contains(extension) ? "further image of a sample" : FileNames.line(extension));
    }
    return sample;
  }

  private @Nullable String label(String json, String name) {
    try {
      Json.Obj object = Json.parseObject(json, name);
      for (String member : MEMBERS) {
        switch (object.optional(member).orElse(new Json.Null())) {
          case Json.Num number -> {
            return number.digits();
          }
          case Json.Str text -> {
            return text.value().strip();
          }
          default -> {
            // perhaps another member is the label
          }
        }
      }
    } catch (FoveaException e) {
      skip("json that is damaged");
    }
    return null;
  }

  private void finish(Sample sample, Part part, int shard) {
    TarEntry image = sample.image;
    String label = sample.label;
    if (image == null) {
      if (!sample.key.isEmpty()) {
        skip("sample without an image");
      }
    } else if (label == null || label.isEmpty()) {
      skip("image without a label");
    } else {
      part.add(shard, image, texts.computeIfAbsent(label, _ -> texts.size()));
      if (texts.size() > MAX_CLASSES) {
        throw new FoveaException(
            FileNames.text(part.shards.get(shard)) + ": the labels up to this one are more than " + MAX_CLASSES
                + " different ones; expected the number or the name of a class in each");
      }
    }
  }

  private void skip(String kind) {
    skipped.merge(skipped.containsKey(kind) || skipped.size() < MAX_KINDS ? kind : "other", 1L, Long::sum);
  }

  /** What was skipped, in one line; empty if nothing was. */
  Optional<String> skipped() {
    return skipped.isEmpty() ? Optional.empty()
        : Optional.of(skipped.entrySet().stream().map(e -> e.getValue() + " " + e.getKey())
            .reduce((a, b) -> a + ", " + b).orElseThrow());
  }

  /**
   * The classes, and from now on labels are their indices: with names sorted by name, with numbers from 0 to the largest, of which
   * {@code names} are the names if there are enough.
   */
  List<String> classes(List<String> names, List<Part> parts) {
    List<String> found = new ArrayList<>(texts.keySet());
    boolean numbered = found.stream().allMatch(label -> label.matches("\\d{1,9}"));
    List<String> classes;
    if (numbered) {
      int count = found.stream().mapToInt(Integer::parseInt).max().orElse(-1) + 1;
      if (count > MAX_CLASSES) {
        throw new FoveaException(FileNames.text(parts.getFirst().shards.getFirst()) + " and others: a label is " + (count - 1)
            + ", expected at most " + (MAX_CLASSES - 1));
      }
      classes = names.size() >= count ? names : ClassNames.numbers(count);
    } else {
      classes = found.stream().sorted(FileNames.ORDER).toList();
    }
    int[] labels = new int[found.size()];
    Map<String, Integer> indices = new LinkedHashMap<>();
    classes.forEach(name -> indices.put(name, indices.size()));
    for (int i = 0; i < labels.length; i++) {
      labels[i] = numbered ? Integer.parseInt(found.get(i)) : indices.getOrDefault(found.get(i), -1);
    }
    parts.forEach(part -> part.relabel(labels));
    return classes;
  }
}
