package dev.fovea.image;

import java.util.ArrayList;
import java.util.List;

/** Connected components of ink, 8-connected, and the bounding box of the selected ones. */
final class ConnectedComponents {
  private final Page page;

  /** Per pixel the label of its component, from 1; 0 is paper. */
  private final int[] labels;

  private final List<Component> all;
  private final boolean[] selected;
  private final Component box;

  /** A component: its area, the number of its pixels on the image's border, and its bounding box, inclusive. */
  private record Component(int label, int area, int onBorder, int left, int top, int right, int bottom) {
    int longer() {
      return Math.max(right - left, bottom - top) + 1;
    }

    Component and(Component other) {
      return new Component(
          0,
          area + other.area,
          onBorder + other.onBorder,
          Math.min(left, other.left),
          Math.min(top, other.top),
          Math.max(right, other.right),
          Math.max(bottom, other.bottom));
    }
  }

  private ConnectedComponents(Page page, int[] labels, List<Component> all, List<Component> chosen) {
    this.page = page;
    this.labels = labels;
    this.all = all;
    selected = new boolean[all.size() + 1];
    for (Component component : chosen) {
      selected[component.label] = true;
    }
    box = chosen.stream().reduce(Component::and).orElse(new Component(0, 0, 0, 0, 0, -1, -1));
  }

  /** The components of pixels with more ink than {@code threshold}. */
  static ConnectedComponents of(Page page, int threshold) {
    int[] labels = new int[page.ink().length];
    List<Component> all = new ArrayList<>();
    int[] queue = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == 0 && (page.ink()[i] & 0xff) > threshold) {
        all.add(flood(page, threshold, labels, queue, i, all.size() + 1));
      }
    }
    return new ConnectedComponents(page, labels, all, all);
  }

  private static Component flood(Page page, int threshold, int[] labels, int[] queue, int start, int label) {
    int width = page.width();
    int height = page.height();
    int filled = 0;
    int onBorder = 0;
    queue[filled++] = start;
    labels[start] = label;
    int left = width;
    int right = -1;
    int bottom = -1;
    for (int next = 0; next < filled; next++) {
      int x = queue[next] % width;
      int y = queue[next] / width;
      left = Math.min(left, x);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
      onBorder += x == 0 || y == 0 || x == width - 1 || y == height - 1 ? 1 : 0;
      for (int ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (int nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          int i = ny * width + nx;
          if (labels[i] == 0 && (page.ink()[i] & 0xff) > threshold) {
            labels[i] = label;
            queue[filled++] = i;
          }
        }
      }
    }
    // The first pixel in row order is in the component's top row.
    return new Component(label, filled, onBorder, left, start / width, right, bottom);
  }

  /**
   * Selects the components that are writing. Dropped are the page's edge or a shadow (components along the border, if there are
   * others), and specks: smaller than a tenth of the largest component and far from it, or smaller than a hundredth.
   */
  ConnectedComponents writing() {
    int maxArea =
        all.stream().filter(component -> !runsAlongBorder(component)).mapToInt(Component::area).filter(area -> area >= 16).max()
            .orElse(0);
    List<Component> inner =
        all.stream().filter(component -> !runsAlongBorder(component) || maxArea * 50L < component.area).toList();
    Component largest = inner.stream().reduce((a, b) -> b.area > a.area ? b : a).orElse(box);
    int margin = largest.longer() / 4;
    List<Component> chosen =
        inner.stream()
            .filter(
                component -> component.area * 10L >= largest.area
                    || (component.area * 100L >= largest.area
                        && component.right >= largest.left - margin
                        && component.left <= largest.right + margin
                        && component.bottom >= largest.top - margin
                        && component.top <= largest.bottom + margin))
            .toList();
    return new ConnectedComponents(page, labels, all, chosen);
  }

  /** Whether a component runs along the border instead of only touching it. */
  private static boolean runsAlongBorder(Component component) {
    return component.onBorder * 2 >= component.longer();
  }

  int left() {
    return box.left;
  }

  int top() {
    return box.top;
  }

  int width() {
    return box.right - box.left + 1;
  }

  int height() {
    return box.bottom - box.top + 1;
  }

  /** Whether the pixel or one of its eight neighbours belongs to a selected component. */
  boolean near(int x, int y) {
    for (int ny = Math.max(0, y - 1); ny <= Math.min(page.height() - 1, y + 1); ny++) {
      for (int nx = Math.max(0, x - 1); nx <= Math.min(page.width() - 1, x + 1); nx++) {
        if (selected[labels[ny * page.width() + nx]]) {
          return true;
        }
      }
    }
    return false;
  }

  /** The mean width of the strokes, in pixels: twice the area divided by the number of contour pixels. */
  double strokeWidth() {
    int contour = 0;
    for (int y = box.top; y <= box.bottom; y++) {
      for (int x = box.left; x <= box.right; x++) {
        contour += isInk(x, y) && !(isInk(x - 1, y) && isInk(x + 1, y) && isInk(x, y - 1) && isInk(x, y + 1)) ? 1 : 0;
      }
    }
    return 2.0 * box.area / Math.max(1, contour);
  }

  private boolean isInk(int x, int y) {
    return x >= 0 && x < page.width() && y >= 0 && y < page.height() && selected[labels[y * page.width() + x]];
  }
}
