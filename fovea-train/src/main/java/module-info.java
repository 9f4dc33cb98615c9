/** Data sets, training, runs in folders, and worked examples. */
@SuppressWarnings("module") // the command line is built after this module
module dev.fovea.train {
  requires static org.jspecify;
  requires transitive dev.fovea.core;
  requires java.net.http;
  requires tools.jackson.databind;

  exports dev.fovea.data;
  exports dev.fovea.optim;
  exports dev.fovea.metric;
  exports dev.fovea.train;
  exports dev.fovea.run;
  exports dev.fovea.tutorial;
  exports dev.fovea.data.download to
      dev.fovea.cli;
}
