package dev.fovea.explain.look;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.layer.MapLayer;
import dev.fovea.explain.look.StrongestPatches.Patch;
import dev.fovea.explain.survey.LastLayer;
import dev.fovea.explain.survey.LayerStatistics;
import dev.fovea.explain.survey.LayerSurvey;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.ReceptiveField;
import dev.fovea.graph.Value;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What is seen of a network, one thing after the other; a page shows it, {@link PortraitPage}.
 *
 * <pre>{@code
 * Portrait portrait = Portrait.of(explainer, Optional.empty());
 * portrait.patches(images, 9, progress);
 * }</pre>
 */
public final class Portrait {
  private final Explainer network;
  private final MapLayer layer;
  private final Explainer upToLayer;
  private final ReceptiveField field;
  private Optional<Seen> seen = Optional.empty();
  private Optional<Dataset> patchImages = Optional.empty();
  private List<List<Patch>> patches = List.of();
  private List<List<Projections.Pair>> pairs = List.of();
  private List<Image> maximised = List.of();
  private List<LayerStatistics> survey = List.of();
  private Optional<Ablation> ablation = Optional.empty();
  private Optional<Neighbourhood> neighbourhood = Optional.empty();

  /**
   * An image in the network.
   *
   * @param image as the network sees it
   * @param maps of its layers
   * @param arithmetic of a convolution, for the page; empty if it is too large
   */
  record Seen(Image image, Tensor input, List<LayerMaps> maps, Optional<String> arithmetic) {}

  /** Images as the last layer has them. */
  record Neighbourhood(Dataset data, LastLayer last, LastLayer.Plane plane) {}

  private Portrait(Explainer network, MapLayer layer) {
    this.network = network;
    this.layer = layer;
    this.upToLayer = network.upTo(layer.maps());
    this.field = ReceptiveField.of(network.graph(1)).get(layer.maps().id());
  }

  /**
   * Nothing is computed yet.
   *
   * @param layer the path of the layer whose maps are looked at; empty: the one with the last maps before the classifier
   * @throws dev.fovea.tensor.FoveaException if there is no such layer, or it has no maps
   */
  public static Portrait of(Explainer network, Optional<String> layer) {
    return new Portrait(network, MapLayer.of(network, "look", layer));
  }

  // ---- What is looked at

  /** The maps of all layers for an image. */
  public void image(Image image) {
    Tensor input = network.input(image);
    seen = Optional.of(new Seen(network.model().card().preprocessing().fit(image), input, LayerMaps.of(network, input),
        ArithmeticPanel.of(network, layer.maps(), input)));
  }

  /** The patches of images that excite each map most. */
  public void patches(Dataset images, int count, IntConsumer progress) {
    patchImages = Optional.of(images);
    patches = StrongestPatches.of(upToLayer, images, count, progress);
  }

  /**
   * What of each patch excites its map.
   *
   * @param count of maps, the first ones
   * @param progress receives the number of maps done
   */
  public void project(int count, IntConsumer progress) {
    Projections projections = new Projections(upToLayer, patchImages.orElseThrow(), field);
    List<List<Projections.Pair>> all = new ArrayList<>();
    for (int map = 0; map < Math.min(count, patches.size()); map++) {
      all.add(projections.of(map, patches.get(map)));
      progress.accept(map + 1);
    }
    pairs = all;
  }

  /** Images that excite the first maps as much as possible. */
  public void maximise(ActivationMaximisation how, int count, IntConsumer progress) {
    maximised = how.of(upToLayer, IntStream.range(0, Math.min(count, mapCount())).toArray(), progress);
  }

  /** What the layers hold of images. */
  public void survey(Dataset images, IntConsumer progress) {
    survey = LayerSurvey.of(network, images, Optional.empty(), progress);
  }

  /** The accuracy without each map. */
  public void ablation(Dataset images, IntConsumer progress) {
    ablation = Optional.of(Ablation.of(network, layer.maps(), images, progress));
  }

  /** How images lie in the last layer. */
  public void neighbourhood(Dataset images, IntConsumer progress) {
    LastLayer last = LastLayer.of(network, images, progress);
    neighbourhood = Optional.of(new Neighbourhood(images, last, last.plane()));
  }

  // ---- What was seen

  /** The looked at layer's path. */
  public String layer() {
    return layer.path();
  }

  /** The number of its maps. */
  public int mapCount() {
    return shape().dim(0);
  }

  /** Of its result. */
  public Shape shape() {
    return network.graph(1).at(layer.maps()).shape().withoutBatch();
  }

  public Model model() {
    return network.model();
  }

  /** For each map, the strongest first. */
  public List<List<Patch>> patches() {
    return patches;
  }

  /** Maps that no image excites. */
  public List<Integer> dead() {
    return IntStream.range(0, patches.size()).filter(map -> patches.get(map).isEmpty()).boxed().toList();
  }

  /** Filters that are alike, by the path of their layer. */
  public Map<String, List<FilterSimilarity>> duplicates() {
    Graph graph = network.graph(1);
    Map<String, List<FilterSimilarity>> alike = new LinkedHashMap<>();
    boolean[] needed = Layers.needed(graph, graph.output(Model.OUTPUT));
    for (int i = 0; i < needed.length; i++) {
      Node node = graph.at(new Value(i));
      List<FilterSimilarity> pairs = needed[i] ? FilterSimilarity.of(network.model(), graph, node) : List.of();
      if (!pairs.isEmpty()) {
        alike.put(node.where(), pairs);
      }
    }
    return alike;
  }

  public Optional<Ablation> ablation() {
    return ablation;
  }

  /** The layers, in order. */
  public List<LayerStatistics> survey() {
    return survey;
  }

  /** What the last layer has of each image, and which class it says. */
  public Optional<LastLayer> lastLayer() {
    return neighbourhood.map(Neighbourhood::last);
  }

  ReceptiveField field() {
    return field;
  }

  Optional<Seen> seen() {
    return seen;
  }

  Optional<Dataset> patchImages() {
    return patchImages;
  }

  List<List<Projections.Pair>> pairs() {
    return pairs;
  }

  List<Image> maximised() {
    return maximised;
  }

  Optional<Neighbourhood> neighbourhood() {
    return neighbourhood;
  }
}
