/** Models and weights in the formats of others. */
module dev.fovea.formats {
  requires static org.jspecify;
  requires transitive dev.fovea.core;
  requires dev.fovea.zoo;

  exports dev.fovea.formats.numpy;
}
