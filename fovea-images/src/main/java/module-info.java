/** Image formats that core does not read: WebP and TIFF. */
@SuppressWarnings("requires-automatic") // the library has no descriptor, but a stable name
module dev.fovea.images {
  requires static org.jspecify;
  requires dev.fovea.core;
  requires com.twelvemonkeys.imageio.core;
  requires com.twelvemonkeys.imageio.tiff;

  provides dev.fovea.image.ImageDecoder
      with
      dev.fovea.images.tiff.TiffDecoder,
      dev.fovea.images.webp.WebpDecoder;
}
