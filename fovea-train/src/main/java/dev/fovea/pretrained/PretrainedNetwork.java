package dev.fovea.pretrained;

import dev.fovea.data.download.RemoteFile;
import dev.fovea.format.Json;
import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A trained network's file, and how it becomes a model.
 *
 * @param name letters, digits, points, underscores and hyphens
 * @param url where the file comes from, by https; by http only if the whole hash is known
 * @param bytes its length, or about that, at most {@value #MAX_BYTES}; 0 if it is not known
 * @param sha256 its SHA-256 in hexadecimal, or at least the first {@value #MIN_DIGITS} digits: the addresses of torchvision's files
 *     contain eight, and no more of them are published
 * @param source who published it
 * @param licence its terms
 * @param convert what the file does not say, as options of {@code fovea convert}, by name: {@code network}, {@code classes}, {@code
 *     mean}
 */
public record PretrainedNetwork(String name, URI url, long bytes, String sha256, String source, String licence,
    Map<String, String> convert) {
  private static final int MIN_DIGITS = 8;
  private static final int ALL_DIGITS = 64;
  private static final long MAX_BYTES = 1L << 36;
  private static final int MAX_TEXT = 1000;
  private static final Pattern NAME = Pattern.compile("\\w[\\w.-]{0,79}");
  private static final Pattern FILE = Pattern.compile("\\w[\\w.+-]{0,199}");
  private static final Pattern OPTION = Pattern.compile("[a-z][a-z0-9-]{0,39}");

  public PretrainedNetwork {
    require(NAME.matcher(name).matches(), "a name of letters, digits, '.', '_' and '-'", name);
    require(sha256.matches("[0-9a-f]{" + MIN_DIGITS + "," + ALL_DIGITS + "}"),
        "a SHA-256 of " + ALL_DIGITS + " hexadecimal digits, or its first " + MIN_DIGITS + " or more", sha256);
    boolean http = "http".equals(url.getScheme()) && sha256.length() == ALL_DIGITS;
    require((http || "https".equals(url.getScheme())) && url.getHost() != null,
        sha256.length() == ALL_DIGITS ? "an address with https:// or http://"
            : "an address with https://, since the SHA-256 is not"
                + " known as a whole",
        url.toString());
    require(FILE.matcher(file(url)).matches(), "an address that ends in a file's name", url.toString());
    require(bytes >= 0 && bytes <= MAX_BYTES, "a length of at most " + MAX_BYTES + " bytes", String.valueOf(bytes));
    require(source.length() <= MAX_TEXT && licence.length() <= MAX_TEXT,
        "source and licence of at most " + MAX_TEXT + " characters",
        source + licence);
    convert = Collections.unmodifiableMap(new LinkedHashMap<>(convert));
    convert.forEach((option, value) -> {
      require(OPTION.matcher(option).matches(), "the name of an option without hyphens before it, as in mean", option);
      require(value.length() <= MAX_TEXT, "a value of at most " + MAX_TEXT + " characters", value);
    });
  }

  private static void require(boolean holds, String expected, String got) {
    if (!holds) {
      throw new FoveaException("expected " + expected + ", got " + Quote.quote(got));
    }
  }

  private static String file(URI url) {
    String path = String.valueOf(url.getPath());
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The file's name. */
  public String file() {
    return file(url);
  }

  /** The file to download. */
  RemoteFile remote() {
    return RemoteFile.file(file(), bytes, sha256);
  }

  /** The hash, whole or as far as known, for messages. */
  public String sum() {
    return remote().sum();
  }

  /** From an entry of a registry, whose place is named in errors. */
  static PretrainedNetwork of(Json.Obj json) {
    String key = json.has("sha256") ? "sha256" : "sha256_prefix";
    String digits = json.string(key).toLowerCase(Locale.ROOT);
    try {
      require(!key.equals("sha256") || digits.length() == ALL_DIGITS, ALL_DIGITS + " digits as sha256", digits);
      Map<String, String> convert = new LinkedHashMap<>();
      Optional<Json> options = json.optional("convert");
      if (options.isPresent()) {
        Json.Obj object = json.object("convert");
        object.members().keySet().forEach(option -> convert.put(option, object.string(option)));
      }
      return new PretrainedNetwork(json.string("name"), URI.create(json.string("url")),
          json.has("bytes") ? json.longInteger("bytes") : 0, digits, text(json, "source"), text(json, "licence"), convert);
    } catch (IllegalArgumentException e) {
      throw new FoveaException(json.place() + ": 'url' is no address: " + Quote.quote(json.string("url")), e);
    } catch (FoveaException e) {
      throw String.valueOf(e.getMessage()).startsWith(json.place()) ? e
          : new FoveaException(json.place() + ": " + e.getMessage(), e);
    }
  }

  private static String text(Json.Obj json, String key) {
    return json.has(key) ? json.string(key) : "";
  }

  /** As an entry of a registry. */
  public Json.Obj json() {
    Json.Obj options = Json.object();
    for (Map.Entry<String, String> option : convert.entrySet()) {
      options = options.with(option.getKey(), option.getValue());
    }
    return Json.object().with("name", name).with("url", url.toString()).with("bytes", bytes)
        .with(sha256.length() == ALL_DIGITS ? "sha256" : "sha256_prefix", sha256).with("source", source).with("licence", licence)
        .with("convert", options);
  }
}
