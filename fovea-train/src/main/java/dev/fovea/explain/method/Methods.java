package dev.fovea.explain.method;

import dev.fovea.explain.Method;
import dev.fovea.explain.input.Deconvnet;
import dev.fovea.explain.input.GradientXInput;
import dev.fovea.explain.input.GuidedBackprop;
import dev.fovea.explain.input.IntegratedGradients;
import dev.fovea.explain.input.Saliency;
import dev.fovea.explain.input.SmoothGrad;
import dev.fovea.explain.layer.GradCam;
import dev.fovea.explain.layer.GradCamPlusPlus;
import dev.fovea.explain.layer.HiResCam;
import dev.fovea.explain.layer.LayerCam;
import dev.fovea.explain.layer.ScoreCam;
import dev.fovea.explain.mask.Occlusion;
import dev.fovea.explain.mask.Rise;
import dev.fovea.explain.relevance.Lrp;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;
import java.util.Optional;

/**
 * The settings of all methods, each of which uses some of them.
 *
 * @param layer the path of the layer whose maps a method weights; empty: the last before the classifier
 * @param window of occlusion, in pixels
 * @param stride of occlusion, in pixels
 * @param masks of RISE
 */
public record Methods(Optional<String> layer, int window, int stride, int masks, Lrp.Rule rule, long seed) {
  /** The papers' settings, on the last maps, with seed 1. */
  public static final Methods STANDARD = new Methods(Optional.empty(), 16, 8, 2000, Lrp.Rule.COMPOSITE, 1);

  /** All methods. */
  public List<Method> all() {
    return List.of(new Saliency(), new GradientXInput(), new SmoothGrad(seed), new IntegratedGradients(), new GuidedBackprop(),
        new Deconvnet(), new GradCam(layer), new GradCamPlusPlus(layer), new HiResCam(layer), new LayerCam(layer),
        new ScoreCam(layer), new Occlusion(window, stride), new Rise(masks, 7, seed), new Lrp(rule));
  }

  public static List<String> names() {
    return STANDARD.all().stream().map(Method::name).toList();
  }

  /**
   * The method of that name.
   *
   * @throws FoveaException if there is none, with the nearest name
   */
  public Method named(String name) {
    return all().stream().filter(method -> method.name().equals(name)).findFirst()
        .orElseThrow(() -> new FoveaException("there is no method '" + name + "': " + Names.nearest(name, names())));
  }
}
