package dev.fovea.data.download;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The folder of downloads: {@code $FOVEA_CACHE}, else {@code fovea} in the operating system's cache folder of the user. */
public final class Cache {
  /** The environment variable that names the folder. */
  public static final String VARIABLE = "FOVEA_CACHE";

  private Cache() {}

  /** The folder for this user; it need not exist yet. */
  public static Path folder() {
    return folder(System.getenv(), System.getProperty("os.name", ""), System.getProperty("user.home", "."));
  }

  static Path folder(Map<String, String> environment, String system, String home) {
    String own = environment.getOrDefault(VARIABLE, "");
    if (!own.isEmpty()) {
      return Path.of(own);
    }
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("mac")) {
      return Path.of(home, "Library", "Caches", "fovea");
    }
    String windows = environment.getOrDefault("LOCALAPPDATA", "");
    if (name.startsWith("windows") && !windows.isEmpty()) {
      return Path.of(windows, "fovea");
    }
    // The XDG base directory specification: a relative path must be ignored.
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    return !xdg.isEmpty() && Path.of(xdg).isAbsolute() ? Path.of(xdg, "fovea") : Path.of(home, ".cache", "fovea");
  }
}
