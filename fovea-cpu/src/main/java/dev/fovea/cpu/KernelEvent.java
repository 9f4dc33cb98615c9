package dev.fovea.cpu;

import dev.fovea.cpu.compile.Step;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A step of a program, for the JDK's flight recorder. The threshold bounds what it costs; a recording may set another. */
@Name("dev.fovea.Kernel")
@Label("Kernel")
@Description("A step of a compiled network: one kernel, on all threads")
@Category({"Fovea", "Engine"})
@StackTrace(false)
@Threshold("1 ms")
final class KernelEvent extends Event {
  @Label("Layer")
  String layer = "";

  @Label("Kernel")
  String kernel = "";

  @Label("Multiply-Adds")
  long multiplyAdds;

  /** Runs a step and records it. */
  static void record(Step step, Runnable task) {
    KernelEvent event = new KernelEvent();
    event.begin();
    task.run();
    if (event.shouldCommit()) {
      event.layer = step.path();
      event.kernel = step.name();
      event.multiplyAdds = step.work();
      event.commit();
    }
  }
}
