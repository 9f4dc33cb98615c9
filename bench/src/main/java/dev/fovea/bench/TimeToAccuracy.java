package dev.fovea.bench;

import dev.fovea.data.DataOptions;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Progress;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.Trainer;
import dev.fovea.zoo.LeNet5;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long LeNet-5 takes to reach an accuracy of 0.99 on MNIST: batch size 64, SGD at a constant learning rate of 0.02 with
 * momentum 0.9, evaluation on the whole test set after each epoch. {@code TimeToAccuracy FOLDER SEED THREADS} prints one line of
 * JSON; {@code bench/accuracy} compares it with PyTorch.
 */
public final class TimeToAccuracy {
  private static final double TARGET = 0.99;
  private static final int EPOCHS = 20;

  private TimeToAccuracy() {}

  /** Trains until the target is reached, or for 20 epochs. */
  public static void main(String[] args) {
    int seed = Integer.parseInt(args[1]);
    // one image must be held out: all others are trained on
    Split mnist = Datasets.open("mnist:" + args[0], DataOptions.standard().validation(1));
    Dataset test = mnist.evaluation();
    Preprocessing pixels = Preprocessing.of(Shape.of(1, 28, 28), Fit.STRETCH).mean(0.1307f).std(0.3081f);
    Model lenet = Model.create(LeNet5.modern(10), new Card("lenet5", test.classes(), pixels, Map.of()), seed);
    AtomicBoolean reached = new AtomicBoolean();
    AtomicInteger epochs = new AtomicInteger();
    Trainer.of(lenet)
        .optimizer(Sgd.momentum(0.9))
        .schedule(Schedule.constant(0.02))
        .batchSize(64)
        .epochs(EPOCHS)
        .seed(seed)
        .threads(Integer.parseInt(args[2]))
        .listen(Progress.on(System.err))
        .listen(event -> {
          if (event instanceof TrainEvent.EpochDone done) {
            epochs.set(done.epoch());
            reached.set(done.validation().score() >= TARGET);
          }
        })
        .stopWhen(reached::get)
        .fit(mnist.train(), test);
    System.out.printf(
        Locale.ROOT, "{\"seed\": %d, \"reached\": %b, \"epochs\": %d}%n", seed, reached.get(), epochs.get());
  }
}
