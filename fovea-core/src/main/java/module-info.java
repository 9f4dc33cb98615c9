/** Tensors, file formats, the graph, layers, images and models: the base of every other module of Fovea. */
module dev.fovea.core {
  requires static org.jspecify;
  requires jdk.jfr;
  requires java.management;
  requires transitive java.desktop;

  exports dev.fovea.tensor;
  exports dev.fovea.format;
  exports dev.fovea.graph;
  exports dev.fovea.layer;
  exports dev.fovea.image;
  exports dev.fovea.model;

  uses dev.fovea.graph.Backend;
  uses dev.fovea.image.ImageDecoder;
  uses dev.fovea.model.ModelFormat;
}
