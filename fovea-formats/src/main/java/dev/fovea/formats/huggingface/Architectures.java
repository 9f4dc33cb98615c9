package dev.fovea.formats.huggingface;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The zoo's networks under the names of timm and torchvision. */
final class Architectures {
  private static final Map<String, String> NETWORKS = new LinkedHashMap<>();

  static {
    for (String same : List.of("resnet18", "resnet34", "resnet50", "densenet121", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn",
        "vgg13_bn", "vgg16_bn", "vgg19_bn", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2", "fcn_resnet50")) {
      NETWORKS.put(same, same);
    }
    NETWORKS.put("tv_densenet121", "densenet121");
    NETWORKS.put("tv_resnet34", "resnet34");
    NETWORKS.put("tv_resnet50", "resnet50");
    NETWORKS.put("mobilenetv2_100", "mobilenet-v2");
    NETWORKS.put("alexnet", "alexnet-torchvision");
    NETWORKS.put("googlenet", "googlenet-torchvision");
  }

  private Architectures() {}

  /** The network of an architecture, with or without its library and the tag of its weights: {@code timm/resnet18.a1_in1k}. */
  static Network find(String architecture, String source) {
    String name = architecture.substring(architecture.lastIndexOf('/') + 1);
    if (name.startsWith("torchvision.models.")) {
      name = name.substring("torchvision.models.".length());
    }
    String untagged = name.indexOf('.') < 0 ? name : name.substring(0, name.indexOf('.'));
    String network = NETWORKS.get(untagged);
    if (network == null) {
      throw new FoveaException(source + ": the architecture " + Quote.quote(untagged) + " is not one of the zoo's networks: "
          + Names.nearest(untagged, new ArrayList<>(NETWORKS.keySet())));
    }
    return Zoo.find(network);
  }
}
