package dev.fovea.pretrained;

import static dev.fovea.data.Given.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.fovea.format.Sha256;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedRegistryTest {
  private static final byte[] WEIGHTS = "weights of a small network".getBytes(StandardCharsets.UTF_8);
  private static final String SUM = Sha256.of(WEIGHTS);

  @TempDir
  Path cache;

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private HttpServer server;
  private byte[] served = WEIGHTS;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      asked.add(exchange.getRequestURI().toString());
      exchange.sendResponseHeaders(200, served.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(served);
      }
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private PretrainedNetwork small(String file) {
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/models/" + file);
    return new PretrainedNetwork("small", url, WEIGHTS.length, SUM, "a test", "none",
        Map.of("network", "lenet5", "classes", "3"));
  }

  private PretrainedRegistry registry() {
    return PretrainedRegistry.in(cache);
  }

  private void write(String text) throws IOException {
    Files.createDirectories(registry().file().getParent());
    Files.writeString(registry().file(), text);
  }

  @Test
  void builtInNetworksComeFromTorchvisionWithTheSumInTheirAddress() {
    List<PretrainedNetwork> all = registry().networks();
    assertThat(all).extracting(PretrainedNetwork::name).contains("resnet18", "mobilenet-v2", "vgg16").doesNotHaveDuplicates();
    assertThat(all).allSatisfy(network -> {
      assertThat(network.url().toString()).startsWith("https://download.pytorch.org/models/")
          .endsWith("-" + network.sha256() + ".pth");
      assertThat(network.bytes()).isBetween(4_000_000L, 600_000_000L);
      assertThat(network.convert()).containsEntry("network", network.name()).containsKeys("classes", "mean", "std", "resize");
      assertThat(network.source()).startsWith("torchvision, ");
      assertThat(network.licence()).isNotBlank();
    });
  }

  @Test
  void addedNetworkIsFetchedOnceAndOnlyWhenAsked() {
    registry().add(small("small.pth"));
    PretrainedNetwork found = registry().find("small");
    assertThat(found).isEqualTo(small("small.pth"));
    assertThat(registry().isHere(found)).isFalse();
    assertThat(asked).isEmpty();
    Path file = registry().fetch(found, messages::add);
    assertThat(file).isEqualTo(cache.resolve("pretrained/small/small.pth")).hasBinaryContent(WEIGHTS);
    assertThat(registry().isValid(found)).isTrue();
    assertThat(registry().fetch(found, messages::add)).isEqualTo(file);
    assertThat(asked).containsExactly("/models/small.pth");
    assertThat(messages).singleElement().asString().contains("small: downloading 1 file,", "/models/small.pth");
  }

  @Test
  void addressKeepsItsQuery() {
    registry().fetch(small("small.pth?download=true"), messages::add);
    assertThat(asked).containsExactly("/models/small.pth?download=true");
    assertThat(registry().file(small("small.pth?download=true"))).hasFileName("small.pth");
  }

  @Test
  void anotherFileIsRefusedAndADamagedOneIsReplaced() throws IOException {
    PretrainedNetwork network = small("small.pth");
    served = "<html>sign in</html>".getBytes(StandardCharsets.UTF_8);
    failure(() -> registry().fetch(network, messages::add)).contains("small: cannot be downloaded", "expected the SHA-256 " + SUM,
        "got " + Sha256.of(served), "put small.pth from ", " into " + cache.resolve("pretrained/small"));
    assertThat(registry().isHere(network)).isFalse();
    assertThat(cache.resolve("pretrained/small")).isEmptyDirectory();
    served = WEIGHTS;
    Files.write(registry().file(network), new byte[] {1, 2});
    assertThat(registry().isHere(network)).isTrue();
    assertThat(registry().isValid(network)).isFalse();
    assertThat(registry().fetch(network, messages::add)).hasBinaryContent(WEIGHTS);
  }

  @Test
  void firstDigitsOfASumSufficeWithHttps() throws IOException {
    PretrainedNetwork network =
        new PretrainedNetwork("part", URI.create("https://example.org/part.pth"), 0, SUM.substring(0, 8), "",
            "", Map.of());
    Path file = registry().file(network);
    Files.createDirectories(file.getParent());
    Files.write(file, WEIGHTS);
    assertThat(registry().isValid(network)).isTrue();
    assertThat(network.sum()).isEqualTo("a SHA-256 that begins with " + SUM.substring(0, 8));
    Files.write(file, new byte[3]);
    assertThat(registry().isValid(network)).isFalse();
    assertThat(PretrainedNetwork.of(network.json())).isEqualTo(network);
    failure(() -> new PretrainedNetwork("part", URI.create("http://example.org/part.pth"), 0, SUM.substring(0, 8), "", "",
        Map.of())).contains("https://", "not known as a whole", "http://example.org/part.pth");
  }

  @Test
  void namesAreTakenOnce() throws IOException {
    registry().add(small("small.pth"));
    failure(() -> registry().add(small("other.pth"))).contains("a pretrained network small already",
        registry().file().toString());
    failure(() -> registry().find("smal")).contains("there is no pretrained network 'smal'", "did you mean small?");
    write("{\"networks\": [" + small("a.pth").json().with("name", "resnet18").text() + "]}");
    failure(registry()::networks).contains(registry().file().toString(), "the name resnet18 is taken");
  }

  @Test
  void damagedRegistriesAreRefusedInOneLine() throws IOException {
    for (String text : List.of("", "[]", "{", "{\"networks\": 1}", "{\"networks\": [1]}", "{\"networks\": [{}]}", "\u0000\n")) {
      write(text);
      failure(registry()::networks).startsWith(registry().file().toString());
    }
    String entry = small("small.pth").json().text();
    for (List<String> change : List.of(List.of("\"small\"", "\"../small\""), List.of("\"small\"", "7"),
        List.of("/models/small.pth", "/models/.."), List.of("/models/small.pth", "/models/"),
        List.of("/models/small.pth", "/ /x.pth"), List.of("http://127", "file://127"), List.of("http://127.0.0.1:", "ftp:"),
        List.of("\"sha256\":\"", "\"sha256\":\"0"), List.of("\"sha256\":\"", "\"sha256\":\"../"),
        List.of("\"sha256\":", "\"sha257\":"), List.of("\"bytes\":26", "\"bytes\":-1"),
        List.of("\"bytes\":26", "\"bytes\":99999999999999999999"), List.of("\"network\":", "\"-network\":"),
        List.of("\"lenet5\"", "[]"))) {
      String changed = entry.replace(change.getFirst(), change.getLast());
      assertThat(changed).as("%s", change).isNotEqualTo(entry);
      write("{\"networks\": [" + changed + "]}");
      failure(registry()::networks).as("%s", change).startsWith(registry().file() + ": networks[0]: ");
    }
  }

  @Test
  void randomChangesGiveANetworkOrOneLine() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String text = "{\"networks\": [" + small("small.pth").json().text() + "]}";
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      StringBuilder changed = new StringBuilder(text);
      for (int n = random.nextInt(3); n >= 0; n--) {
        changed.setCharAt(random.nextInt(changed.length()), (char) random.nextInt(random.nextInt(50) == 0 ? 0x10000 : 0x80));
      }
      try {
        PretrainedRegistry.parse(changed.toString(), "r.json")
            .forEach(n -> assertThat(registry().file(n)).as("seed %d", seed).startsWithRaw(cache.resolve("pretrained")));
      } catch (FoveaException e) {
        assertThat(e.getMessage()).as("seed %d: %s", seed, changed).startsWith("r.json").doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isPositive();
  }
}
