package dev.fovea.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.cli.command.FoveaCommand;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.SkipOption;
import dev.fovea.cli.option.UsageErrors;
import dev.fovea.cli.option.UsageException;
import dev.fovea.data.SkippedFile;
import dev.fovea.data.UnreadableImages;
import dev.fovea.tensor.FoveaException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Entry point of the command line. Results go to standard output, progress and messages to standard error. Exit codes: 0 done, 1
 * failed, 2 wrong usage, 70 a bug in Fovea, 130 stopped by Ctrl-C, 141 the reader of the output has gone.
 */
public final class Main {
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int BUG = 70;

  /** The exit code of a process that SIGPIPE ends. */
  private static final int BROKEN_PIPE = 141;

  private Main() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    // Letters are drawn into images, and no window is opened: a display that does not answer must not matter.
    System.setProperty("java.awt.headless", "true");
    boolean terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    int code = run(args, new Streams(System.out, System.err, terminal), isPipe());
    System.out.flush();
    System.exit(code);
  }

  /** Runs one command and returns its exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, new Streams(out, err, false), false);
  }

  /** The same; output that could not be written is a failure. */
  private static int run(String[] args, Streams streams, boolean pipe) {
    int code = command(args, streams);
    if (!streams.out().checkError() || code != 0) {
      return code;
    }
    if (pipe) {
      return BROKEN_PIPE; // head and the like stop reading when they have enough
    }
    streams.error("standard output cannot be written: is the disk full?");
    return FAILED;
  }

  /** Whether standard output is a pipe, whose only failure is that its reader has gone; false if that is not known. */
  private static boolean isPipe() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString().startsWith("pipe:");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static int command(String[] args, Streams streams) {
    try {
      requireReadable(args, System.getProperty("sun.jnu.encoding", UTF_8.name()));
      CommandLine line = FoveaCommand.line(streams, args);
      return CommandRunner.run(line, args, streams);
    } catch (ParameterException e) {
      streams.error(UsageErrors.message(e));
      return USAGE;
    } catch (UsageException e) {
      streams.error(e.getMessage());
      return USAGE;
    } catch (UnreadableImages e) {
      if (e.files().size() > 1) {
        SkippedFile.lines(e.files()).forEach(streams::say);
      }
      streams.error(e.getMessage()
          + (e.leaveOthers() ? "; " + SkipOption.NAME + " skips " + (e.files().size() > 1 ? "them" : "it") : ""));
      return FAILED;
    } catch (FoveaException e) {
      streams.error(Hint.message(e));
      return FAILED;
    } catch (OutOfMemoryError e) {
      streams.error(
          "not enough memory (at most " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of heap): use a smaller --batch-size"
              + " or smaller images, or give the JVM more memory, as in FOVEA_JAVA_OPTS=-Xmx8g");
      return FAILED;
    } catch (RuntimeException | Error e) {
      streams.error("this is a bug in Fovea; please report it with the lines below");
      e.printStackTrace(streams.err());
      return BUG;
    }
  }

  /**
   * Refuses arguments with characters that the locale's encoding lacks: these arrive as replacement characters, which name no file.
   * The launcher sets a locale; a JVM that was started without it may have none.
   */
  static void requireReadable(String[] args, String encoding) {
    for (String arg : args) {
      if (arg.contains("\uFFFD") && !encoding.equals(UTF_8.name())) {
        throw new UsageException("'" + arg + "' has characters that the locale's encoding, " + encoding
            + ", lacks: start the JVM in a UTF-8 locale, as with LC_ALL=C.UTF-8");
      }
    }
  }
}
