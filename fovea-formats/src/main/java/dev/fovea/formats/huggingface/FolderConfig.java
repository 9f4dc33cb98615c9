package dev.fovea.formats.huggingface;

import dev.fovea.format.Json;
import dev.fovea.format.Json.Obj;
import dev.fovea.format.Quote;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A {@code config.json} as timm and transformers write it: the architecture, the classes, and how images are preprocessed, in an object
 * {@code pretrained_cfg} or, in older files, beside the architecture.
 */
final class FolderConfig {
  static final String FILE = "config.json";

  /** What a run's folder of Fovea has in its config.json. */
  private static final String FOVEA = "fovea";

  private static final long MAX_BYTES = 1 << 24;

  /** More classes than any network for images has. */
  private static final int MAX_CLASSES = 1 << 17;

  /** The part of the shorter side that is cropped where a file does not say it: 224 of 256. */
  private static final double USUAL_CROP = 0.875;

  /** The mode that resizes the shorter side and crops the centre; images are stretched in the others. */
  private static final String CENTRE = "center";

  /** Arguments of a model that do not change its parameters or what they mean. */
  private static final Set<String> HARMLESS = Set.of("num_classes", "drop_rate", "drop_path_rate", "pretrained", "in_chans");

  private final Obj config;
  private final Obj pretrained;
  private final String source;

  private FolderConfig(Obj config, String source) {
    this.config = config;
    this.pretrained = config.has("pretrained_cfg") ? config.object("pretrained_cfg") : config;
    this.source = source;
  }

  static FolderConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    return new FolderConfig(Json.parseObject(text(file), file.toString()), file.toString());
  }

  /** Whether it is that of a run of Fovea. */
  boolean isFovea() {
    return config.has(FOVEA);
  }

  private static String text(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        throw new FoveaException(file + ": expected a file of at most " + MAX_BYTES + " bytes");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new FoveaException(file + ": is not UTF-8 text", e);
    } catch (IOException e) {
      throw new FoveaException(file + ": cannot be read: " + Quote.cause(e), e);
    }
  }

  Network network() {
    if (!config.has("architecture")) {
      String kind =
          config.has("model_type") ? "it describes a model of transformers, " + config.required("model_type").describe() : "";
      throw new FoveaException(source + ": 'architecture' is missing; " + (kind.isEmpty() ? "" : kind + "; ")
          + "read are the forms of timm and torchvision");
    }
    if (config.has("model_args")) {
      for (String argument : config.object("model_args").members().keySet()) {
        if (!HARMLESS.contains(argument)) {
          throw new FoveaException(
              source + ": model_args has " + Quote.quote(argument) + ", which the zoo's networks do not have");
        }
      }
    }
    return Architectures.find(config.string("architecture"), source);
  }

  /** The names of the classes, which are numbers where it has none. */
  List<String> classes(Network network) {
    List<String> labels = labels();
    int count = count(labels, network);
    if (!labels.isEmpty() && labels.size() != count) {
      throw new FoveaException(source + ": has " + labels.size() + " names for " + count + " classes");
    }
    if (count < 2 || count > MAX_CLASSES) {
      throw new FoveaException(
          source + ": a classifier has 2 classes or more, at most " + MAX_CLASSES + ", num_classes is " + count);
    }
    return labels.isEmpty() ? IntStream.range(0, count).mapToObj(String::valueOf).toList() : labels;
  }

  private int count(List<String> labels, Network network) {
    for (Obj place : List.of(config, pretrained)) {
      if (place.has("num_classes")) {
        return place.integer("num_classes");
      }
    }
    return labels.isEmpty() ? network.classes() : labels.size();
  }

  private List<String> labels() {
    if (config.has("label_names")) {
      List<String> names = config.strings("label_names");
      Map<String, Json> described =
          config.optional("label_descriptions").orElse(Json.object()) instanceof Obj texts ? texts.members() : Map.of();
      return names.stream().map(name -> described.get(name) instanceof Json.Str(var text) ? text : name).toList();
    }
    if (!config.has("id2label")) {
      return List.of();
    }
    Obj byNumber = config.object("id2label");
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < byNumber.members().size(); i++) {
      labels.add(byNumber.string(String.valueOf(i)));
    }
    return labels;
  }

  Preprocessing preprocessing(Network network) {
    try {
      return checked(network);
    } catch (FoveaException e) {
      throw String.valueOf(e.getMessage()).startsWith(source) ? e : new FoveaException(source + ": " + e.getMessage(), e);
    }
  }

  private Preprocessing checked(Network network) {
    Shape input = pretrained.has("input_size") ? Shape.of(pretrained.ints("input_size")) : network.input();
    if (input.rank() != 3) {
      throw new FoveaException(source + ": input_size has the sizes C, H and W, got " + input);
    }
    List<Float> mean = floats("mean", network.mean(input.dim(0)));
    List<Float> std = floats("std", network.std(input.dim(0)));
    Preprocessing values = new Preprocessing(input.dim(0), input.dim(1), input.dim(2), Fit.STRETCH, mean, std);
    double part = pretrained.has("crop_pct") ? pretrained.number("crop_pct") : USUAL_CROP;
    if (!(part > 0.1 && part <= 1)) {
      throw new FoveaException(source + ": crop_pct is " + part + ", expected more than 0.1 and at most 1");
    }
    String mode = pretrained.has("crop_mode") ? pretrained.string("crop_mode") : CENTRE;
    return mode.equals(CENTRE) ? values.resize((int) (Math.max(input.dim(1), input.dim(2)) / part)) : values;
  }

  /** What of the preprocessing a {@link Preprocessing} does not hold, and the architecture. */
  Map<String, String> provenance() {
    Map<String, String> provenance = new LinkedHashMap<>();
    for (String key : List.of("architecture", "tag", "license", "crop_pct", "crop_mode", "interpolation")) {
      for (Obj place : List.of(config, pretrained)) {
        if (place.has(key)) {
          provenance.put(key, place.required(key) instanceof Json.Str(var text) ? text : place.required(key).text());
        }
      }
    }
    return provenance;
  }

  private List<Float> floats(String key, List<Float> otherwise) {
    if (!pretrained.has(key)) {
      return otherwise;
    }
    List<Float> values = new ArrayList<>();
    for (Json item : pretrained.list(key)) {
      if (!(item instanceof Json.Num number)) {
        throw new FoveaException(source + ": " + key + ": expected numbers, got " + item.describe());
      }
      values.add((float) number.asDouble());
    }
    return values;
  }
}
