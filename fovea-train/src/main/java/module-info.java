/** Data sets, training, and worked examples. */
@SuppressWarnings("module") // the command line is built after this module
module dev.fovea.train {
  requires static org.jspecify;
  requires transitive dev.fovea.core;
  requires java.net.http;
  requires tools.jackson.databind;

  exports dev.fovea.data;
  exports dev.fovea.explain;
  exports dev.fovea.train;
  exports dev.fovea.train.version to
      dev.fovea.cli;
}
