package dev.fovea.data.download;

import static dev.fovea.data.Given.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Datasets;
import dev.fovea.data.Given;
import dev.fovea.data.Idx;
import dev.fovea.data.KnownDataset;
import dev.fovea.format.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
  private static final byte[] LABELS = Given.idxLabels(1, 2, 3);
  private static final RemoteFile PLAIN = RemoteFile.file("labels", LABELS.length, Sha256.of(LABELS));
  private static final RemoteFile PACKED = RemoteFile.unpacked("labels.gz", Given.gzip(LABELS).length, Sha256.of(LABELS));

  @TempDir
  Path cache;

  private final Map<String, byte[]> served = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private HttpServer server;
  private URI source;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/set/", exchange -> {
      String name = exchange.getRequestURI().getPath().substring("/set/".length());
      asked.add(name);
      byte[] bytes = served.get(name);
      exchange.sendResponseHeaders(bytes == null ? 404 : 200, bytes == null ? -1 : bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        if (bytes != null) {
          out.write(bytes);
        }
      }
    });
    // Announces 5,000 bytes, sends 100 and closes the connection.
    server.createContext("/cut/", exchange -> {
      exchange.sendResponseHeaders(200, 5000);
      exchange.getResponseBody().write(new byte[100]);
      exchange.getResponseBody().flush();
      exchange.close();
    });
    server.start();
    source = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/set/");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Path fetch(URI from, RemoteFile... files) {
    return new Download("mnist", from, cache.resolve("mnist"), "name the folder, as in mnist:DIR, or use digits", messages::add)
        .fetch(List.of(files));
  }

  private List<Path> cached() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void filesAreCachedAndNotRequestedAgain() throws IOException {
    served.put("labels", LABELS);
    served.put("labels.gz", Given.gzip(LABELS));
    Path folder = fetch(source, PLAIN, PACKED);
    assertThat(folder).isEqualTo(cache.resolve("mnist"));
    assertThat(folder.resolve("labels")).hasBinaryContent(LABELS);
    assertThat(Idx.labels(folder.resolve("labels.gz")).count()).isEqualTo(3);
    assertThat(messages).singleElement().asString().contains("mnist: downloading 2 files", source.toString(), folder.toString());
    assertThat(fetch(source, PLAIN, PACKED)).isEqualTo(folder);
    assertThat(asked).containsExactly("labels", "labels.gz");
    assertThat(messages).hasSize(1);
    assertThat(cached()).hasSize(2);
  }

  @Test
  void repackedFileWithTheSameContentIsAccepted() {
    byte[] stamped = Given.gzip(LABELS);
    stamped[4] = 77;
    served.put("labels.gz", stamped);
    assertThat(fetch(source, PACKED).resolve("labels.gz")).hasBinaryContent(stamped);
  }

  @Test
  void damagedFileInTheCacheIsDownloadedAgain() throws IOException {
    served.put("labels", LABELS);
    Given.write(cache.resolve("mnist/labels"), Arrays.copyOf(LABELS, 5));
    assertThat(fetch(source, PLAIN).resolve("labels")).hasBinaryContent(LABELS);
  }

  @Test
  void wrongContentIsRefusedAndNotCached() throws IOException {
    byte[] other = LABELS.clone();
    other[9] ^= 1;
    served.put("labels", other);
    failure(() -> fetch(source, PLAIN)).contains("mnist: cannot be downloaded from " + source + "labels", "expected the SHA-256 "
        + PLAIN.hash(), "got " + Sha256.of(other), "mnist:DIR", "digits");
    served.put("labels.gz", Given.gzip(other));
    failure(() -> fetch(source, PACKED)).contains("SHA-256");
    assertThat(cached()).isEmpty();
  }

  @Test
  void pageInPlaceOfAFileIsRefused() throws IOException {
    served.put("labels.gz", "<html>sign in</html>".getBytes(StandardCharsets.UTF_8));
    failure(() -> fetch(source, PACKED)).contains("labels.gz", "not a complete gzip file, 20 bytes");
    byte[] whole = Given.gzip(LABELS);
    served.put("labels.gz", Arrays.copyOf(whole, whole.length - 9));
    failure(() -> fetch(source, PACKED)).contains("not a complete gzip file");
    assertThat(cached()).isEmpty();
  }

  @Test
  void oversizedFileIsRefused() throws IOException {
    served.put("labels", new byte[1 << 20]);
    failure(() -> fetch(source, PLAIN)).contains("labels", "was interrupted", "mnist:DIR");
    assertThat(cached()).isEmpty();
  }

  @Test
  void interruptedTransferIsRefusedAndNotCached() throws IOException {
    failure(() -> fetch(source.resolve("/cut/"), PLAIN)).contains("/cut/labels", "was interrupted", "mnist:DIR", "digits");
    assertThat(cached()).isEmpty();
  }

  @Test
  void httpErrorReportsItsStatus() throws IOException {
    failure(() -> fetch(source, PLAIN)).contains(source + "labels", "HTTP status 404", "mnist:DIR");
    assertThat(cached()).isEmpty();
  }

  @Test
  void filesBeforeAFailureStayCached() throws IOException {
    served.put("labels", LABELS);
    failure(() -> fetch(source, PLAIN, PACKED)).contains("labels.gz", "404");
    assertThat(cached()).containsExactly(cache.resolve("mnist/labels"));
  }

  @Test
  void refusedConnectionIsReported() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    failure(() -> fetch(URI.create("http://127.0.0.1:" + free + "/"), PLAIN))
        .contains("no connection", "mnist:DIR", "digits");
  }

  @Test
  void unknownHostIsReported() {
    failure(() -> fetch(URI.create("http://no-such-host.invalid/"), PLAIN)).contains("no-such-host.invalid", "no connection");
  }

  @Test
  void unwritableCacheIsReported() throws IOException {
    served.put("labels", LABELS);
    Given.write(cache.resolve("mnist"), new byte[1]);
    failure(() -> fetch(source, PLAIN)).contains("cannot write in the cache", cache.resolve("mnist").toString(), "FOVEA_CACHE");
  }

  @Test
  void nameWithoutFolderIsDownloadedFromTheGivenSource() throws IOException {
    Path real = Given.realData("mnist");
    for (RemoteFile file : RemoteFile.MNIST) {
      served.put(file.file(), Files.readAllBytes(real.resolve(file.file())));
    }
    DataOptions options = DataOptions.standard().cache(cache).source(source).messages(messages::add);
    assertThat(Datasets.open("mnist", options).train().size()).isEqualTo(55_000);
    assertThat(KnownDataset.all(cache).stream().filter(k -> k.spec().startsWith("mnist")))
        .singleElement().extracting(KnownDataset::here).isEqualTo(true);
    server.stop(0);
    assertThat(Datasets.open("mnist", options).test()).isPresent();
    failure(() -> Datasets.open("fashion-mnist", options))
        .contains("fashion-mnist: cannot be downloaded", "as in fashion-mnist:DIR");
  }

  @Test
  void cacheIsInTheSystemsCacheFolder() {
    Map<String, String> none = Map.of();
    assertThat(Cache.folder(Map.of("FOVEA_CACHE", "/big/disk", "XDG_CACHE_HOME", "/x"), "Linux", "/home/me"))
        .isEqualTo(Path.of("/big/disk"));
    assertThat(Cache.folder(none, "Linux", "/home/me")).isEqualTo(Path.of("/home/me/.cache/fovea"));
    assertThat(Cache.folder(Map.of("XDG_CACHE_HOME", "/x"), "Linux", "/home/me")).isEqualTo(Path.of("/x/fovea"));
    assertThat(Cache.folder(Map.of("XDG_CACHE_HOME", "x"), "Linux", "/home/me")).isEqualTo(Path.of("/home/me/.cache/fovea"));
    assertThat(Cache.folder(none, "Mac OS X", "/Users/me")).isEqualTo(Path.of("/Users/me/Library/Caches/fovea"));
    assertThat(Cache.folder(Map.of("LOCALAPPDATA", "/l"), "Windows 11", "/u")).isEqualTo(Path.of("/l/fovea"));
  }

  @Test
  void knownDatasetsHaveSourceAndTerms() {
    List<KnownDataset> known = KnownDataset.all(cache);
    assertThat(known).hasSize(DataSpec.Kind.values().length).allSatisfy(k -> {
      assertThat(k.source()).isNotBlank();
      assertThat(k.licence()).isNotBlank();
    });
    assertThat(known.stream().filter(KnownDataset::here).map(KnownDataset::spec)).containsExactly("digits[:N]");
  }
}
