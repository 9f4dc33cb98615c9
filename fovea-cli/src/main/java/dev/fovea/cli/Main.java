package dev.fovea.cli;

import dev.fovea.tensor.FoveaException;
import java.io.Console;
import java.io.PrintStream;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Where the command line begins. Results go to standard output, progress and messages to standard error. Exit codes: 0 done, 1
 * failed, 2 used wrongly, 70 a defect of Fovea's own, 130 stopped by Ctrl-C.
 */
public final class Main {
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int DEFECT = 70;

  private Main() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    // Letters are drawn into pictures, and no window is opened: a display that does not answer must not matter.
    System.setProperty("java.awt.headless", "true");
    boolean terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    int code = run(args, new Streams(System.out, System.err, terminal));
    System.out.flush();
    System.exit(code);
  }

  /** Runs one command and returns its exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, new Streams(out, err, false));
  }

  /** The same; what was printed and could not be written is no success. */
  private static int run(String[] args, Streams streams) {
    int code = command(args, streams);
    if (streams.out().checkError() && code == 0) {
      streams.error("standard output cannot be written: the disk is full, or whoever reads it has gone");
      return FAILED;
    }
    return code;
  }

  private static int command(String[] args, Streams streams) {
    try {
      CommandLine line = FoveaCommand.line(streams, args);
      return CommandRunner.run(line, args, streams);
    } catch (ParameterException e) {
      streams.error(UsageErrors.explain(e));
      return USAGE;
    } catch (UsageException e) {
      streams.error(e.getMessage());
      return USAGE;
    } catch (FoveaException e) {
      streams.error(WayOut.message(e));
      return FAILED;
    } catch (OutOfMemoryError e) {
      streams.error(
          "not enough memory (at most " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of heap): take a smaller --batch-size"
              + " or smaller pictures, or give the JVM more, as in FOVEA_JAVA_OPTS=-Xmx8g");
      return FAILED;
    } catch (RuntimeException | Error e) {
      streams.error("this should not happen, and is a defect of Fovea's; please report it with the lines below");
      e.printStackTrace(streams.err());
      return DEFECT;
    }
  }
}
