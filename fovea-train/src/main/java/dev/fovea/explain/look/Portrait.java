package dev.fovea.explain.look;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Pass;
import dev.fovea.explain.layer.MapLayer;
import dev.fovea.explain.look.StrongestPatches.Patch;
import dev.fovea.explain.survey.LastLayer;
import dev.fovea.explain.survey.LayerStatistics;
import dev.fovea.explain.survey.LayerSurvey;
import dev.fovea.graph.Node;
import dev.fovea.graph.ReceptiveField;
import dev.fovea.graph.ReceptiveFields;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
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
 * What is seen of a network, one thing after the other; a page shows it, {@link PortraitPage}. For one thread.
 *
 * <pre>{@code
 * Portrait portrait = Portrait.of(explainer, Optional.empty());
 * portrait.patches(images, 9, progress);
 * }</pre>
 */
public final class Portrait {
  private final Explainer network;

  /** Empty in a network without maps. */
  private final Optional<MapLayer> layer;

  private final Optional<Explainer> upToLayer;
  private Optional<Seen> seen = Optional.empty();
  private Optional<Dataset> patchImages = Optional.empty();
  private List<List<Patch>> patches = List.of();
  private List<List<Projections.Pair>> pairs = List.of();
  private List<Image> maximised = List.of();
  private List<LayerStatistics> survey = List.of();
  private Optional<Ablation> ablation = Optional.empty();
  private Optional<Neighbourhood> neighbourhood = Optional.empty();

  /** Computed when it is asked for. */
  private Optional<Map<String, List<FilterSimilarity>>> duplicates = Optional.empty();

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

  private Portrait(Explainer network, Optional<MapLayer> layer) {
    this.network = network;
    this.layer = layer;
    this.upToLayer = layer.map(MapLayer::maps).map(network::upTo);
  }

  /**
   * Nothing is computed yet.
   *
   * @param layer the path of the layer whose maps are looked at; empty: the one with the last maps before the classifier, if the
   *     network has any
   * @throws dev.fovea.tensor.FoveaException if there is no such layer, or it has no maps
   */
  public static Portrait of(Explainer network, Optional<String> layer) {
    boolean none = layer.isEmpty() && Layers.lastMaps(network.graph(1)).isEmpty();
    return new Portrait(network, none ? Optional.empty() : Optional.of(MapLayer.of(network, "look", layer)));
  }

  private MapLayer maps() {
    return layer.orElseThrow(Portrait::noMaps);
  }

  private Explainer upToMaps() {
    return upToLayer.orElseThrow(Portrait::noMaps);
  }

  private static FoveaException noMaps() {
    return new FoveaException("the network has no maps to look at");
  }

  // ---- What is looked at

  /** The maps of all layers for an image. */
  public void image(Image image) {
    Tensor input = network.input(image);
    seen = Optional.of(new Seen(network.model().card().preprocessing().fit(image), input, LayerMaps.of(network, input),
        layer.flatMap(maps -> ArithmeticPanel.of(network, maps.maps(), input))));
  }

  /** The patches of images that excite each map most. */
  public void patches(Dataset images, int count, IntConsumer progress) {
    patchImages = Optional.of(images);
    patches = StrongestPatches.of(upToMaps(), images, count, progress);
  }

  /**
   * What of each patch excites its map.
   *
   * @param count of maps, the first ones
   * @param progress receives the number of maps done
   * @throws dev.fovea.tensor.FoveaException if the layer has no derivative, {@link #obstacle}
   */
  public void project(int count, IntConsumer progress) {
    Projections projections = new Projections(upToMaps(), patchImages.orElseThrow());
    List<List<Projections.Pair>> all = new ArrayList<>();
    for (int map = 0; map < Math.min(count, patches.size()); map++) {
      all.add(projections.of(map, patches.get(map)));
      progress.accept(map + 1);
    }
    pairs = all;
  }

  /** Why projections and gradient ascent are not possible, as in a quantised network; empty if they are. */
  public Optional<String> obstacle() {
    Pass pass = Pass.of(upToMaps().graph(1));
    return pass.obstacle(pass.input());
  }

  /**
   * Images that excite the first maps as much as possible.
   *
   * @param progress receives the number of steps done, of all maps
   * @throws dev.fovea.tensor.FoveaException if the layer has no derivative, {@link #obstacle}
   */
  public void maximise(ActivationMaximisation how, int count, IntConsumer progress) {
    maximised = how.of(upToMaps(), IntStream.range(0, Math.min(count, mapCount())).toArray(), progress);
  }

  /** What the layers hold of images. */
  public void survey(Dataset images, IntConsumer progress) {
    survey = LayerSurvey.of(network, images, Optional.empty(), progress);
  }

  /** The accuracy without each map. */
  public void ablation(Dataset images, IntConsumer progress) {
    ablation = Optional.of(Ablation.of(network, maps().maps(), images, progress));
  }

  /** How images lie in the last layer. */
  public void neighbourhood(Dataset images, IntConsumer progress) {
    LastLayer last = LastLayer.of(network, images, progress);
    neighbourhood = Optional.of(new Neighbourhood(images, last, last.plane()));
  }

  // ---- What was seen

  /** The path of the layer that is looked at; empty in a network without maps. */
  public Optional<String> layer() {
    return layer.map(MapLayer::path);
  }

  /** The number of its maps. */
  public int mapCount() {
    return layer.isPresent() ? shape().dim(0) : 0;
  }

  /** Of its result, of a network with maps. */
  public Shape shape() {
    return network.graph(1).at(maps().maps()).shape().withoutBatch();
  }

  public Model model() {
    return network.model();
  }

  /** For each map, the strongest first. */
  public List<List<Patch>> patches() {
    return patches;
  }

  /** Maps that are above 0 nowhere in any image. */
  public List<Integer> unexcited() {
    return IntStream.range(0, patches.size()).filter(map -> patches.get(map).isEmpty()).boxed().toList();
  }

  /** Filters that are alike, by the path of their layer. */
  public Map<String, List<FilterSimilarity>> duplicates() {
    if (duplicates.isEmpty()) {
      Map<String, List<FilterSimilarity>> alike = new LinkedHashMap<>();
      for (Node node : network.graph(1).nodes()) {
        List<FilterSimilarity> pairs = FilterSimilarity.of(network, node);
        if (!pairs.isEmpty()) {
          alike.put(node.where(), pairs);
        }
      }
      duplicates = Optional.of(alike);
    }
    return duplicates.get();
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

  /** Of the element of the layer's maps in that row and column. */
  ReceptiveField field(int row, int column) {
    return ReceptiveFields.of(network.graph(1)).of(maps().maps(), row, column);
  }

  /** Pixels from one row of the layer's maps to the next. */
  double jump() {
    return ReceptiveFields.of(network.graph(1)).middle(maps().maps()).jump();
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
