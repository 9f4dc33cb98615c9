package dev.fovea.data.download;

import dev.fovea.format.FileNames;
import dev.fovea.format.Sha256;
import dev.fovea.tensor.FoveaException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
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
import javax.net.ssl.SSLException;

/**
 * Downloads the files of a public data set into the cache. Each is read into memory, verified by its hash, and then written to a
 * temporary file and renamed, so the cache has no incomplete files.
 */
public final class Download {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(60);
  private static final long MAX_MINUTES = 30;

  private final String kind;
  private final URI source;
  private final Path folder;
  private final Consumer<String> messages;

  /** {@code kind} is the data set's name, as in {@code mnist}; {@code source} a base address with a slash at its end. */
  public Download(String kind, URI source, Path cache, Consumer<String> messages) {
    this.kind = kind;
    this.source = source;
    this.folder = cache.resolve(kind);
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
    messages.accept(String.format(Locale.ROOT, "%s: downloading %d files, %.1f MB, from %s into %s", kind, missing.size(),
        bytes / 1e6, source, FileNames.text(folder)));
    try (HttpClient client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NORMAL)
        .connectTimeout(CONNECT_TIMEOUT)
        .build()) {
      for (RemoteFile file : missing) {
        store(file, receive(client, file));
      }
    }
    return folder;
  }

  private boolean isValid(RemoteFile file) {
    Path cached = folder.resolve(file.file());
    try {
      return Files.isRegularFile(cached)
          && Files.size(cached) <= limit(file)
          && hash(file, Files.readAllBytes(cached)).equals(file.hash());
    } catch (IOException e) {
      return false;
    }
  }

  private byte[] receive(HttpClient client, RemoteFile file) {
    URI address = source.resolve(file.file());
    HttpRequest request = HttpRequest.newBuilder(address).timeout(RESPONSE_TIMEOUT).build();
    CompletableFuture<HttpResponse<byte[]>> future =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), limit(file)));
    try {
      HttpResponse<byte[]> response = future.get(MAX_MINUTES, TimeUnit.MINUTES);
      if (response.statusCode() != 200) {
        throw new FoveaException(message(address, "the server returned HTTP status " + response.statusCode()));
      }
      verify(address, file, response.body());
      return response.body();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw failed(address, reason(cause == null ? e : cause), e);
    } catch (TimeoutException e) {
      client.shutdownNow();
      throw failed(address, "it took more than " + MAX_MINUTES + " minutes", e);
    } catch (InterruptedException e) {
      client.shutdownNow();
      Thread.currentThread().interrupt();
      throw failed(address, "it was interrupted", e);
    }
  }

  /** An upper bound of the size; repacked files differ a little in length. */
  private static long limit(RemoteFile file) {
    return 2 * file.bytes() + (64 << 10);
  }

  private void verify(URI address, RemoteFile file, byte[] bytes) {
    String hash;
    try {
      hash = hash(file, bytes);
    } catch (IOException e) {
      throw failed(address, "the response is not a complete gzip file, " + bytes.length + " bytes", e);
    }
    if (!hash.equals(file.hash())) {
      String reason = "expected the SHA-256 " + file.hash() + ", got " + hash + " over " + bytes.length + " bytes";
      throw new FoveaException(message(address, reason));
    }
  }

  private static String hash(RemoteFile file, byte[] bytes) throws IOException {
    if (file.hashed() == RemoteFile.Hashed.FILE) {
      return Sha256.of(bytes);
    }
    Sha256 hash = new Sha256();
    byte[] block = new byte[1 << 16];
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes), block.length)) {
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        hash.bytes(block, 0, read);
      }
    }
    return hash.hex();
  }

  private void store(RemoteFile file, byte[] bytes) {
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, file.file() + ".", ".part");
      try {
        try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
          ByteBuffer left = ByteBuffer.wrap(bytes);
          while (left.hasRemaining()) {
            out.write(left);
          }
          out.force(true);
        }
        Files.move(temporary, folder.resolve(file.file()), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new FoveaException(kind + ": cannot write in the cache " + FileNames.text(folder) + ", " + writeReason(e)
          + "; name another folder in " + Cache.VARIABLE, e);
    }
  }

  private static String writeReason(IOException e) {
    return e instanceof AccessDeniedException ? "permission denied" : FileNames.reason(e);
  }

  private FoveaException failed(URI address, String reason, Throwable cause) {
    return new FoveaException(message(address, reason), cause);
  }

  private String message(URI address, String reason) {
    return kind + ": cannot be downloaded from " + address + ": " + reason + "; name the folder, as in " + kind
        + ":DIR, or use digits, which needs no file";
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
