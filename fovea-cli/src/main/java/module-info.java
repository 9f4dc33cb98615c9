/** The command line. */
module dev.fovea.cli {
  requires static org.jspecify;
  requires dev.fovea.core;
  requires dev.fovea.train;
  requires dev.fovea.zoo;
  requires info.picocli;
  requires tools.jackson.databind;

  // picocli and Jackson fill fields and read records by reflection.
  opens dev.fovea.cli to info.picocli, tools.jackson.databind;
}
