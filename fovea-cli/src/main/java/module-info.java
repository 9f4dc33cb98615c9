/** The command line. */
module dev.fovea.cli {
  requires static org.jspecify;
  requires dev.fovea.core;
  requires dev.fovea.formats;
  requires dev.fovea.train;
  requires dev.fovea.zoo;
  requires info.picocli;
  requires tools.jackson.databind;

  // picocli sets fields by reflection.
  opens dev.fovea.cli.command to info.picocli;
  opens dev.fovea.cli.option to info.picocli;
}
