package dev.fovea.formats.torch;

import dev.fovea.formats.Zips;
import dev.fovea.formats.torch.pickle.Pickles;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a state dict as torch.save does, for tests. */
public final class StateDicts {
  private StateDicts() {}

  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    Pickles pickle = Pickles.start().op('}');
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("weights/data.pkl", new byte[0]);
    int key = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      List<Integer> dims = entry.getValue().shape().dims();
      long[] sizes = dims.stream().mapToLong(Integer::longValue).toArray();
      long[] strides = new long[sizes.length];
      for (int axis = 0; axis < sizes.length; axis++) {
        strides[axis] = entry.getValue().shape().sizeFrom(axis + 1);
      }
      pickle.text(entry.getKey());
      Checkpoints.tensor(pickle, String.valueOf(key), entry.getValue().values().length, 0, sizes, strides).op('s');
      entries.put("weights/data/" + key++, Checkpoints.floats(entry.getValue().values()));
    }
    entries.put("weights/data.pkl", pickle.end());
    entries.put("weights/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    Files.write(file, Zips.stored(entries));
  }
}
