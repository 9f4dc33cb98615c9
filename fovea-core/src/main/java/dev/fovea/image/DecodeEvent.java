package dev.fovea.image;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An image that was read and decoded, for the JDK's flight recorder. */
@Name("dev.fovea.Decode")
@Label("Image Decoding")
@Description("A file that was read and decoded into an image")
@Category({"Fovea", "Data"})
@StackTrace(false)
final class DecodeEvent extends Event {
  @Label("File")
  String file = "";

  @Label("Size of the File")
  @DataAmount
  long bytes;
}
