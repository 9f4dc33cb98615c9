package dev.fovea.image;

import dev.fovea.format.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.nio.file.Path;
import java.util.List;

/**
 * A colour for each class, to display a label map: the colour map of Pascal VOC (Everingham et al., The PASCAL Visual Object
 * Classes Challenge 2012, development kit), whose black is reserved for a class named {@code background}.
 *
 * @param classes their names in label order
 */
public record Palette(List<String> classes) {
  private static final String BACKGROUND = "background";
  private static final int COLOURS = 256;

  /** The height of a line of the legend, in pixels. */
  private static final int LINE = 22;

  public Palette {
    classes = List.copyOf(classes);
  }

  /** The colour of class {@code c} as 0xRRGGBB; {@link LabelMap#VOID} has one too. */
  public int rgb(int c) {
    boolean shifted = c != LabelMap.VOID && !classes.getFirst().equals(BACKGROUND);
    int index = shifted ? c + 1 : c;
    int rgb = 0;
    // The bits of the index are assigned to red, green and blue in rotation, from the highest bit of each down.
    for (int bit = 7; index > 0; bit--, index >>= 3) {
      rgb |= (index & 1) << (16 + bit) | (index >> 1 & 1) << (8 + bit) | (index >> 2 & 1) << bit;
    }
    return rgb;
  }

  /** Writes the labels as a PNG with a palette: the stored values are the classes, and the palette has these colours. */
  public void write(LabelMap labels, Path png) {
    int[] colours = new int[COLOURS];
    for (int c = 0; c < COLOURS; c++) {
      colours[c] = rgb(c);
    }
    IndexColorModel model = new IndexColorModel(8, COLOURS, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    BufferedImage image = new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_BYTE_INDEXED, model);
    image.getRaster().setDataElements(0, 0, labels.width(), labels.height(), labels.classes());
    AtomicFile.write(png, ImageFile.png(image));
  }

  /** The image blended half and half with the labels' colours; both have the same size. */
  public Image blend(Image image, LabelMap labels) {
    byte[] from = image.rgb().pixels();
    byte[] blended = new byte[labels.classes().length * 3];
    for (int i = 0; i < labels.classes().length; i++) {
      int rgb = rgb(labels.classes()[i] & 0xff);
      for (int c = 0; c < 3; c++) {
        int colour = rgb >> (16 - 8 * c) & 0xff;
        blended[3 * i + c] = (byte) (((from[3 * i + c] & 0xff) + colour + 1) / 2);
      }
    }
    return new Image(labels.width(), labels.height(), 3, blended);
  }

  /** A line for each class: its colour and its name. If the JDK finds no font, only the colours. */
  public Image legend() {
    int longest = classes.stream().mapToInt(String::length).max().orElse(0);
    int height = LINE * classes.size() + 8;
    BufferedImage image = new BufferedImage(2 * LINE + 10 * longest, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = image.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), height);
    for (int c = 0; c < classes.size(); c++) {
      g.setColor(new Color(rgb(c)));
      g.fillRect(6, 6 + c * LINE, LINE - 4, LINE - 4);
    }
    write(g);
    g.dispose();
    return Image.of(image);
  }

  private void write(Graphics2D g) {
    try {
      g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
      g.setColor(Color.BLACK);
      for (int c = 0; c < classes.size(); c++) {
        g.drawString(ImageFile.printable(classes.get(c)), LINE + 10, c * LINE + 20);
      }
    } catch (InternalError | LinkageError | RuntimeException e) {
      // A system without fonts.
    }
  }
}
