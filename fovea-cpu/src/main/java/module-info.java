import dev.fovea.cpu.ScalarBackend;
import dev.fovea.cpu.VectorBackend;
import dev.fovea.graph.Backend;

/** The engine that runs graphs on the processor. No module imports it: it is found through {@link java.util.ServiceLoader}. */
module dev.fovea.cpu {
  requires static org.jspecify;
  requires jdk.jfr;
  requires jdk.incubator.vector;
  requires transitive dev.fovea.core;

  provides Backend with VectorBackend, ScalarBackend;
}
