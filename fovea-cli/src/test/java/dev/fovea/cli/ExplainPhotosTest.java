package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Heatmap;
import dev.fovea.explain.Method;
import dev.fovea.explain.Target;
import dev.fovea.explain.input.GuidedBackprop;
import dev.fovea.explain.input.Saliency;
import dev.fovea.explain.layer.GradCam;
import dev.fovea.explain.mask.Occlusion;
import dev.fovea.explain.mask.Rise;
import dev.fovea.explain.quality.PerturbationCurve;
import dev.fovea.explain.quality.Randomisation;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.testkit.RealData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trained networks on photos: what the literature says of the methods' maps is so. */
class ExplainPhotosTest {
  private static final List<String> PHOTOS = List.of("04_tabby.png", "01_Samoyed.png");

  @TempDir
  private Path folder;

  @Test
  @Tag("slow")
  void mobilenet() {
    check(Model.load(RealData.folder("pretrained-imagenet/mobilenet_v2-onnx/mobilenet_v2_float.onnx")));
  }

  @Test
  @Tag("slow")
  void squeezenet() {
    Path weights = RealData.folder("pretrained-imagenet/squeezenet1_1-torchvision/squeezenet1_1.safetensors");
    Path model = folder.resolve("squeezenet.safetensors");
    Cli.run("convert", weights, model, "--network", "squeezenet1.1", "--classes", 1000).succeeds();
    check(Model.load(model));
  }

  private static void check(Model model) {
    Explainer network = Explainer.of(model).threads(2);
    String name = model.card().network();
    double random = insertion(network, new Noise());
    for (Method method : List.of(GradCam.LAST_MAPS, new Occlusion(32, 16), new Rise(200, 7, 1))) {
      assertThat(insertion(network, method)).as("%s of %s", method.name(), name).isGreaterThan(random);
    }
    for (Method method : List.of(GradCam.LAST_MAPS, new Saliency())) {
      assertThat(randomised(network, method)).as("%s of %s", method.name(), name).isLessThan(Randomisation.ALIKE);
    }
    assertThat(randomised(network, new GuidedBackprop())).as("Adebayo et al. 2018: it hardly depends on the weights, %s", name)
        .isGreaterThan(Randomisation.ALIKE);
  }

  private static double insertion(Explainer network, Method method) {
    return PHOTOS.stream().map(ExplainPhotosTest::photo).mapToDouble(photo -> {
      Tensor input = network.input(photo);
      Answer answer = network.answer(input, Target.HIGHEST);
      Heatmap map = Heatmap.of(method.explain(network, input, answer));
      return PerturbationCurve.insertion(network, input, answer, map).area();
    }).average().orElseThrow();
  }

  private static double randomised(Explainer network, Method method) {
    return PHOTOS.stream().map(ExplainPhotosTest::photo).mapToDouble(photo -> {
      Tensor input = network.input(photo);
      return Randomisation.of(method, network, input, network.answer(input, Target.HIGHEST), 1).mean();
    }).average().orElseThrow();
  }

  private static Image photo(String name) {
    return Image.read(RealData.folder("pretrained-imagenet/photos").resolve(name));
  }

  /** A map that asks nothing of the network. */
  private record Noise() implements Method {
    @Override
    public String name() {
      return "noise";
    }

    @Override
    public Attribution explain(Explainer network, Tensor input, Answer answer) {
      Shape plane = Shape.of(input.shape().dim(2), input.shape().dim(3));
      float[] map = new float[plane.size()];
      for (int i = 0; i < map.length; i++) {
        map[i] = Rng.of(1).uniform(i);
      }
      return new Attribution(name(), Attribution.Kind.EVIDENCE, answer, Optional.empty(), new Tensor(plane, map), Map.of());
    }
  }
}
