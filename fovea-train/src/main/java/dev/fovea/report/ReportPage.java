package dev.fovea.report;

import dev.fovea.metric.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The frame of a page, and the formatting of its texts and numbers. A page is one file: it loads nothing and runs no script but its
 * own, which its Content-Security-Policy enforces. It is also well-formed XML, so that tools can read it.
 */
public final class ReportPage {
  private static final int NAME_LENGTH = 80;

  private ReportPage() {}

  /**
   * A complete page around {@code body}.
   *
   * @param title plain text
   * @param body markup, every text in it escaped
   */
  public static String of(String title, String body) {
    return page(title, "", body);
  }

  /**
   * The same with a script, which runs when the page is loaded.
   *
   * @param script without a closing tag and {@code ]]>}
   */
  public static String of(String title, String body, String script) {
    String wrapped = "//<![CDATA[\n" + script + "\n//]]>";
    return page(title, " script-src 'sha256-" + sha256(wrapped) + "';", body + "<script>" + wrapped + "</script>\n");
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String page(String title, String policy, String body) {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none';%s style-src 'unsafe-inline'; img-src data:"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        %s</main>
        </body>
        </html>
        """
        .formatted(policy, escape(title), style(), body);
  }

  private static String style() {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      return new String(Objects.requireNonNull(in, "report.css is part of this module").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text escaped for markup and for a quoted attribute; characters that XML does not allow become U+FFFD. */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> {
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.appendCodePoint(allowed(c) ? c : 0xFFFD);
      }
    });
    return out.toString();
  }

  private static boolean allowed(int c) {
    boolean control = c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c >= 0x7F && c < 0xA0;
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return !control && !surrogate && (c & 0xFFFE) != 0xFFFE;
  }

  /** A name from outside: truncated if too long, and isolated, so that it cannot change the writing direction of other text. */
  public static String name(String name) {
    return name(name, NAME_LENGTH);
  }

  public static String name(String name, int maxLength) {
    return "<bdi>" + escape(truncate(name, maxLength)) + "</bdi>";
  }

  /** As {@link #name(String)}, for an attribute, which cannot contain markup. */
  static String plain(String name) {
    return "\u2068" + escape(truncate(name, NAME_LENGTH)) + "\u2069";
  }

  private static String truncate(String name, int maxLength) {
    int points = name.codePointCount(0, name.length());
    return points <= maxLength ? name : name.substring(0, name.offsetByCodePoints(0, maxLength - 1)) + "…";
  }

  /** The line above a page's title. */
  public static String brand(String kind) {
    return """
        <p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true">\
        <circle cx="12" cy="12" r="10.5"/><circle cx="12" cy="12" r="6"/>\
        <circle class="spot" cx="12" cy="12" r="2.4"/></svg>%s</p>
        """
        .formatted(escape(kind));
  }

  public static String heading(String text, String about) {
    return "<header><h2>" + escape(text) + "</h2>" + (about.isEmpty() ? "" : "<p>" + about + "</p>") + "</header>\n";
  }

  public static String section(String kind, String body) {
    return "<section class=\"" + kind + "\">\n" + body + "</section>\n";
  }

  /** A command line that wraps between options, not within them. */
  public static String command(String text) {
    return "<code class=\"command\"><span>" + escape(text).replace(" --", "</span> <span>--") + "</span></code>";
  }

  /** Keys and values in two columns. */
  public static String table(Map<String, String> rows) {
    StringBuilder out = new StringBuilder("<table class=\"pairs\"><tbody>\n");
    rows.forEach((key, value) -> out.append("<tr><th scope=\"row\">").append(name(key)).append("</th><td><bdi>")
        .append(escape(value)).append("</bdi></td></tr>\n"));
    return out.append("</tbody></table>\n").toString();
  }

  /** {@code 61,706}. */
  public static String integer(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 98.94 %} for 0.9894, with this number of decimals. */
  public static String percent(double share, int decimals) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%." + decimals + "f\u00A0%%", 100 * share) : "–";
  }

  /** The value of a metric: a share in percent. */
  public static String score(Metric metric, double value) {
    return metric.isShare() ? percent(value, 2) : number(value);
  }

  /** {@code 0.0512}, or {@code 5.1e-05} for small values. */
  public static String number(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    if (size != 0 && size < 1e-3) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.2f" : "%.4f", value);
  }
}
