/** Data sets, training, runs in folders, and worked examples. */
@SuppressWarnings("module") // the command line is built after this module
module dev.fovea.train {
  requires static org.jspecify;
  requires jdk.jfr;
  requires transitive dev.fovea.core;
  requires java.net.http;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.csv;

  exports dev.fovea.data;
  exports dev.fovea.augment;
  exports dev.fovea.feature;
  exports dev.fovea.optim;
  exports dev.fovea.metric;
  exports dev.fovea.probe;
  exports dev.fovea.train;
  exports dev.fovea.diagnose;
  exports dev.fovea.run;
  exports dev.fovea.tutorial;
  exports dev.fovea.explain;
  exports dev.fovea.explain.arithmetic;
  exports dev.fovea.explain.attack;
  exports dev.fovea.explain.input;
  exports dev.fovea.explain.layer;
  exports dev.fovea.explain.look;
  exports dev.fovea.explain.mask;
  exports dev.fovea.explain.method;
  exports dev.fovea.explain.quality;
  exports dev.fovea.explain.relevance;
  exports dev.fovea.explain.survey;
  exports dev.fovea.tune to
      dev.fovea.cli;
  exports dev.fovea.data.download to
      dev.fovea.cli;
  exports dev.fovea.check to
      dev.fovea.cli;
  exports dev.fovea.pretrained to
      dev.fovea.cli;
}
