package dev.fovea.cli;

import java.util.Objects;

/** What {@code --version} prints. */
final class Version {
  private Version() {}

  /** Fovea's version from the module or the jar, and Java's. */
  static String text() {
    Module module = Version.class.getModule();
    String version = module.isNamed() && module.getDescriptor().rawVersion().isPresent()
        ? module.getDescriptor().rawVersion().get()
        : Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
    return "fovea " + version + " on Java " + Runtime.version();
  }
}
