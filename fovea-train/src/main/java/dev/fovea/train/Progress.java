package dev.fovea.train;

import dev.fovea.metric.Metric;
import dev.fovea.model.ProcessMemory;
import dev.fovea.model.Summary;
import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells people how a run gets on: on a terminal one line that is rewritten as it goes, elsewhere, after each second of silence and
 * then ever more seldom, a line; and everywhere a line for each epoch, with the beginning of the weights' fingerprint, by which
 * two runs can be compared.
 */
public final class Progress implements Consumer<TrainEvent> {
  private static final long REWRITTEN = 100_000_000;
  private static final long FIRST = 1_000_000_000;
  private static final long LONGEST = 64 * FIRST;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier clock;
  private Pace pace = new Pace(1, 1, 1, 0, 0);
  private Metric measure = Metric.ACCURACY;
  private long shown;
  private long pause;
  private int width;

  /** Where the run was when this process took it up, and when. */
  private record Pace(int batchSize, int epochs, long stepsPerEpoch, long step, long began) {}

  private Progress(PrintStream out, boolean terminal, LongSupplier clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  /** Rewrites a line where Java was started in a terminal. */
  public static Progress on(PrintStream out) {
    return on(out, Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent());
  }

  /** Rewrites a line where {@code terminal} says so. */
  public static Progress on(PrintStream out, boolean terminal) {
    return on(out, terminal, System::nanoTime);
  }

  static Progress on(PrintStream out, boolean terminal, LongSupplier clock) {
    return new Progress(out, terminal, clock);
  }

  @Override
  public void accept(TrainEvent event) {
    switch (event) {
      case TrainEvent.Started started -> start(started);
      case TrainEvent.StepDone done when isDue() -> tell(step(done));
      case TrainEvent.Measuring now when now.images() == now.of() -> clear();
      case TrainEvent.Measuring now when isDue() -> tell(now.data() + "  " + now.images() + "/" + now.of() + " images");
      case TrainEvent.StepDone _, TrainEvent.Measuring _ -> {}
      case TrainEvent.EpochDone done -> line(epoch(done));
      case TrainEvent.Interrupted stopped -> line(
          String.format(Locale.ROOT, "stopped after step %d of %d", stopped.state().step(), stopped.totalSteps()));
      case TrainEvent.Finished finished -> line(finished(finished.state(), finished.fingerprint()));
    }
  }

  private void start(TrainEvent.Started e) {
    pace = new Pace(e.batchSize(), e.epochs(), e.stepsPerEpoch(), e.state().step(), clock.getAsLong());
    measure = Metric.of(e.model());
    line(
        String.format(Locale.ROOT, "%s: %,d parameters, %,d images, %s of %s, about %s of memory%s", e.model().card().network(),
            Summary.of(e.model().graph()).trainable(), e.images(), counted(e.epochs(), "epoch"),
            counted(e.stepsPerEpoch(), "step"),
            ProcessMemory.mebibytes(e.peakBytes()),
            e.state().step() == 0 ? "" : ", going on after step " + e.state().step()));
    if (e.images() % e.batchSize() == 1) {
      TrainingGraph.loneNormalisation(e.model().graph()).ifPresent(layer -> line("the last batch of an epoch has one image and"
          + " takes the one before it as well: batch normalisation (" + layer + ") needs two"));
    }
  }

  private String step(TrainEvent.StepDone e) {
    double perSecond = (e.step() - pace.step) / ((clock.getAsLong() - pace.began) * 1e-9);
    return String.format(Locale.ROOT, "epoch %d/%d  step %d/%d  loss %.4f  %.0f images/s  %s left", e.epoch(), pace.epochs,
        e.step() - (e.epoch() - 1) * pace.stepsPerEpoch, pace.stepsPerEpoch, e.loss(), perSecond * pace.batchSize,
        duration((e.totalSteps() - e.step()) / perSecond));
  }

  private static String epoch(TrainEvent.EpochDone e) {
    return String.format(Locale.ROOT, "epoch %d/%d  train loss %.4f  validation %s %.4f%s  weights %s  %.0f images/s",
        e.epoch(), e.epochs(), e.training().meanLoss(), e.validation().measure(), e.validation().score(),
        e.isBest() ? " (best)" : "",
        e.fingerprint().substring(0, 12), e.training().imagesPerSecond());
  }

  private String finished(TrainState state, String fingerprint) {
    return String.format(Locale.ROOT, "finished after step %d  best epoch %d, validation %s %.4f  weights %s", state.step(),
        state.best().epoch(), measure, state.best().score(), fingerprint.substring(0, 12));
  }

  /** Whether it is time for another word on what is going on. */
  private boolean isDue() {
    long now = clock.getAsLong();
    boolean due = now - shown >= pause;
    if (due) {
      shown = now;
      pause = terminal ? REWRITTEN : Math.min(2 * pause, LONGEST);
    }
    return due;
  }

  private void tell(String text) {
    if (!terminal) {
      out.println(text);
      return;
    }
    out.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
    out.flush();
    width = text.length();
  }

  private void clear() {
    if (width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }

  private void line(String text) {
    clear();
    out.println(text);
    shown = clock.getAsLong();
    pause = terminal ? REWRITTEN : FIRST;
  }

  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** {@code 1:02:03}, {@code 2:03}. */
  public static String duration(double seconds) {
    long s = Math.round(Math.min(seconds, 1e9));
    String minutes = String.format(Locale.ROOT, s < 3600 ? "%d:%02d" : "%02d:%02d", s / 60 % 60, s % 60);
    return s < 3600 ? minutes : s / 3600 + ":" + minutes;
  }
}
