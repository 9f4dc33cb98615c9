package dev.fovea.cli.command;

import dev.fovea.cli.option.HelpOption;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** The parent of the commands on pretrained networks. */
@CommandLine.Command(
    name = "pretrained",
    header = "List, add and download networks that are trained already.",
    description = {
        "Commands that train take their names with --pretrained NAME. They are downloaded by fovea pretrained get only,"
            + " once, into the cache; without a connection put the file there, list and get name folder and checksum.",
        "The files of torchvision are checked by the first eight digits of their SHA-256, which is what their addresses contain and"
            + " what PyTorch itself checks; networks that you add, by all 64."
    },
    commandListHeading = "%nCommands:%n",
    footer = {"", "Example:", "  fovea pretrained get resnet18",
        "  fovea train --pretrained resnet18 --data images:/data/flowers"})
final class PretrainedCommand {
  @Mixin
  private final HelpOption help = new HelpOption();
}
