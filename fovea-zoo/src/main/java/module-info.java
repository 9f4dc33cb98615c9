/** The well-known networks. */
module dev.fovea.zoo {
  requires static org.jspecify;
  requires transitive dev.fovea.core;

  exports dev.fovea.zoo;
  exports dev.fovea.zoo.notation;
}
