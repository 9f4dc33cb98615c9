package dev.fovea.data.download;

import dev.fovea.format.FileNames;
import dev.fovea.format.Sha256;
import dev.fovea.tensor.FoveaException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;

/**
 * Downloads public files into the cache. Each goes to a temporary file, which is renamed when its hash has been verified, so the
 * cache has no incomplete files.
 */
public final class Download {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(60);
  private static final long MAX_MINUTES = 30;

  /** Larger files have more time: a minute for each 16 MiB. */
  private static final long BYTES_PER_MINUTE = 16 << 20;

  private final String what;
  private final URI source;
  private final Path folder;
  private final String otherwise;
  private final Consumer<String> messages;

  /**
   * Nothing is downloaded before {@link #fetch}.
   *
   * @param what is downloaded, for messages, as in {@code mnist}
   * @param source a base address with a slash at its end, or the address of the only file
   * @param folder of the files in the cache
   * @param otherwise what to do where there is no connection, for messages
   */
  public Download(String what, URI source, Path folder, String otherwise, Consumer<String> messages) {
    this.what = what;
    this.source = source;
    this.folder = folder;
    this.otherwise = otherwise;
    this.messages = messages;
  }

  /** Whether all files exist, by name only. */
  public static boolean found(String kind, List<RemoteFile> files, Path cache) {
    return files.stream().allMatch(f -> Files.isRegularFile(cache.resolve(kind).resolve(f.file())));
  }

  /** Makes sure that all of {@code files} are complete in the cache, and returns their folder. */
  public Path fetch(List<RemoteFile> files) {
    List<RemoteFile> missing = files.stream().filter(f -> !isValid(f)).toList();
    if (missing.isEmpty()) {
      return folder;
    }
    long bytes = missing.stream().mapToLong(RemoteFile::bytes).sum();
    messages.accept(String.format(Locale.ROOT, "%s: downloading %d %s, %.1f MB, from %s into %s", what, missing.size(),
        missing.size() == 1 ? "file" : "files", bytes / 1e6, source, FileNames.text(folder)));
    try (HttpClient client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NORMAL)
        .connectTimeout(CONNECT_TIMEOUT)
        .build()) {
      for (RemoteFile file : missing) {
        store(client, file);
      }
    }
    return folder;
  }

  private boolean isValid(RemoteFile file) {
    try {
      return isValid(file, folder.resolve(file.file()));
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a file has the length and the hash of that one. */
  public static boolean isValid(RemoteFile file, Path local) throws IOException {
    return Files.isRegularFile(local) && Files.size(local) <= file.limit() && hash(file, local).startsWith(file.hash());
  }

  private void store(HttpClient client, RemoteFile file) {
    Path temporary = temporary(file);
    try {
      receive(client, file, temporary);
      try (FileChannel written = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(temporary, folder.resolve(file.file()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unwritable(e);
    } finally {
      delete(temporary);
    }
  }

  private Path temporary(RemoteFile file) {
    try {
      Files.createDirectories(folder);
      return Files.createTempFile(folder, file.file() + ".", ".part");
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static void delete(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // it stays as an incomplete file of another name, which nothing reads
    }
  }

  private void receive(HttpClient client, RemoteFile file, Path to) throws IOException {
    String name = file.file();
    URI address = String.valueOf(source.getPath()).endsWith("/" + name) ? source : source.resolve(name);
    HttpRequest request = HttpRequest.newBuilder(address).timeout(RESPONSE_TIMEOUT).build();
    CompletableFuture<HttpResponse<Path>> future =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofFile(to), file.limit()));
    long minutes = MAX_MINUTES + file.bytes() / BYTES_PER_MINUTE;
    try {
      HttpResponse<Path> response = future.get(minutes, TimeUnit.MINUTES);
      if (response.statusCode() != 200) {
        throw new FoveaException(message(address, "the server returned HTTP status " + response.statusCode()));
      }
      verify(address, file, to);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw failed(address, reason(cause == null ? e : cause), e);
    } catch (TimeoutException e) {
      client.shutdownNow();
      throw failed(address, "it took more than " + minutes + " minutes", e);
    } catch (InterruptedException e) {
      client.shutdownNow();
      Thread.currentThread().interrupt();
      throw failed(address, "it was interrupted", e);
    }
  }

  private void verify(URI address, RemoteFile file, Path received) throws IOException {
    long bytes = Files.size(received);
    String hash;
    try {
      hash = hash(file, received);
    } catch (ZipException | EOFException e) {
      throw failed(address, "the response is not a complete gzip file, " + bytes + " bytes", e);
    }
    if (!hash.startsWith(file.hash())) {
      String reason = "expected " + file.sum() + ", got " + hash + " over " + bytes + " bytes";
      throw new FoveaException(message(address, reason));
    }
  }

  private static String hash(RemoteFile file, Path local) throws IOException {
    Sha256 hash = new Sha256();
    byte[] block = new byte[1 << 16];
    try (InputStream in = opened(file, local, block.length)) {
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        hash.bytes(block, 0, read);
      }
    }
    return hash.hex();
  }

  private static InputStream opened(RemoteFile file, Path local, int block) throws IOException {
    InputStream in = Files.newInputStream(local);
    if (file.hashed() == RemoteFile.Hashed.FILE) {
      return in;
    }
    try {
      return new GZIPInputStream(in, block);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private FoveaException unwritable(IOException e) {
    return new FoveaException(what + ": cannot write in the cache " + FileNames.text(folder) + ", " + writeReason(e)
        + "; name another folder in " + Cache.VARIABLE, e);
  }

  private static String writeReason(IOException e) {
    return e instanceof AccessDeniedException ? "permission denied" : FileNames.reason(e);
  }

  private FoveaException failed(URI address, String reason, Throwable cause) {
    return new FoveaException(message(address, reason), cause);
  }

  private String message(URI address, String reason) {
    return what + ": cannot be downloaded from " + address + ": " + reason + "; " + otherwise;
  }

  private static String reason(Throwable e) {
    return switch (e) {
      case HttpTimeoutException timeout -> "no answer in time";
      case ConnectException refused -> "no connection, the computer is offline or the connection was refused";
      case SSLException secure -> "no secure connection, " + line(secure);
      case IOException broken -> "the transfer was interrupted, " + line(broken);
      default -> line(e);
    };
  }

  private static String line(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : FileNames.line(e.getMessage());
  }
}
