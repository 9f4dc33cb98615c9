package dev.example.consumer;

import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;

/** Says which engine a user gets, and fails where the slow one was taken silently. */
public final class Main {
  private Main() {}

  /** Takes no argument. */
  public static void main(String[] args) {
    Backend backend = Backends.find();
    String path = Main.class.getModule().isNamed() ? "module path" : "class path";
    System.out.println(path + ": " + backend.name() + ", " + backend.describe());
    if (!backend.name().equals("vector")) {
      throw new IllegalStateException(path + ": expected the engine 'vector', got '" + backend.name() + "'");
    }
  }
}
