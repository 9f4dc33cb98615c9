package dev.fovea.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds real data: in {@code FOVEA_DATA}, or in {@code shared/data} next to the project. */
public final class RealData {
  private RealData() {}

  /** The folder or file; the test is skipped if it is absent. */
  public static Path folder(String name) {
    String given = System.getenv("FOVEA_DATA");
    Path found = given == null ? Path.of("absent") : Path.of(given, name);
    for (Path up = Path.of("").toAbsolutePath(); given == null && up != null && !Files.exists(found); up = up.getParent()) {
      found = up.resolve("shared/data").resolve(name);
    }
    assumeTrue(Files.exists(found), "skipped: no " + name + "; set FOVEA_DATA to the folder that holds it");
    return found;
  }
}
