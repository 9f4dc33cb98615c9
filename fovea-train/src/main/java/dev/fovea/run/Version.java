package dev.fovea.run;

import java.util.Objects;

/** Fovea's version, for provenance and for {@code --version}. */
public final class Version {
  private Version() {}

  /** From the module's descriptor or the jar's manifest; {@code development} if classes are in a folder. */
  public static String text() {
    Module module = Version.class.getModule();
    if (module.isNamed() && module.getDescriptor().rawVersion().isPresent()) {
      return module.getDescriptor().rawVersion().get();
    }
    return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
  }
}
