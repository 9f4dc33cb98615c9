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
 * Prints the progress of a run: on a terminal one line that is rewritten, elsewhere a line after a second without output and then
 * at growing intervals; and everywhere a line for each epoch, with the first digits of the weights' fingerprint, by which two runs
 * can be compared.
 */
public final class Progress implements Consumer<TrainEvent> {
  private static final long TERMINAL_INTERVAL = 100_000_000;
  private static final long MIN_INTERVAL = 1_000_000_000;
  private static final long MAX_INTERVAL = 64 * MIN_INTERVAL;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier clock;
  private Pace pace = new Pace(1, 1, 1, 0, 0);
  private Metric metric = Metric.ACCURACY;
  private long shown;
  private long interval;
  private int width;

  /** The step at which this process began or resumed the run, and the time. */
  private record Pace(int batchSize, int epochs, long stepsPerEpoch, long step, long began) {}

  private Progress(PrintStream out, boolean terminal, LongSupplier clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  /** Rewrites a line if Java was started in a terminal. */
  public static Progress on(PrintStream out) {
    return on(out, Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent());
  }

  /** Rewrites a line if {@code terminal} is set. */
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
      case TrainEvent.Extracting now -> extracting(now);
      case TrainEvent.StepDone done when isDue() -> update(step(done));
      case TrainEvent.Evaluating now when now.images() == now.of() -> clear();
      case TrainEvent.Evaluating now when isDue() -> update(now.data() + "  " + now.images() + "/" + now.of() + " images");
      case TrainEvent.StepDone _, TrainEvent.Evaluating _, TrainEvent.Examined _ -> {}
      case TrainEvent.EpochDone done -> line(epoch(done));
      case TrainEvent.Interrupted stopped -> line(
          String.format(Locale.ROOT, "stopped after step %d of %d", stopped.state().step(), stopped.totalSteps()));
      case TrainEvent.Finished finished -> line(finished(finished.state(), finished.fingerprint()));
    }
  }

  private void start(TrainEvent.Started e) {
    pace = new Pace(e.batchSize(), e.epochs(), e.stepsPerEpoch(), e.state().step(), clock.getAsLong());
    metric = Metric.of(e.model());
    line(
        String.format(Locale.ROOT, "%s: %,d parameters, %,d images, %s of %s, about %s of memory%s", e.model().card().network(),
            Summary.of(e.model().graph()).trainable(), e.images(), counted(e.epochs(), "epoch"),
            counted(e.stepsPerEpoch(), "step"),
            ProcessMemory.mebibytes(e.peakBytes()),
            e.state().step() == 0 ? "" : ", resumed after step " + e.state().step()));
    if (e.images() % e.batchSize() == 1) {
      TrainingGraph.normalisationOfOneElement(e.model().graph())
          .ifPresent(layer -> line("the last batch of an epoch has one image;"
              + " the image before it is added: batch normalisation (" + layer + ") needs two"));
    }
  }

  private void extracting(TrainEvent.Extracting e) {
    pace = new Pace(pace.batchSize, pace.epochs, pace.stepsPerEpoch, pace.step, clock.getAsLong());
    if (e.images() == e.of()) {
      clear();
    } else if (isDue()) {
      update("features of " + e.data() + "  " + e.images() + "/" + e.of() + " images");
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
        e.epoch(), e.epochs(), e.training().meanLoss(), e.validation().metric(), e.validation().score(),
        e.isBest() ? " (best)" : "",
        e.fingerprint().substring(0, 12), e.training().imagesPerSecond());
  }

  private String finished(TrainState state, String fingerprint) {
    return String.format(Locale.ROOT, "finished after step %d  best epoch %d, validation %s %.4f  weights %s", state.step(),
        state.best().epoch(), metric, state.best().score(), fingerprint.substring(0, 12));
  }

  /** Whether the next update is due. */
  private boolean isDue() {
    long now = clock.getAsLong();
    boolean due = now - shown >= interval;
    if (due) {
      shown = now;
      interval = terminal ? TERMINAL_INTERVAL : Math.min(2 * interval, MAX_INTERVAL);
    }
    return due;
  }

  private void update(String text) {
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
    interval = terminal ? TERMINAL_INTERVAL : MIN_INTERVAL;
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
