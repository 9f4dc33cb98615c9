package dev.fovea.formats.torch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The names of Python that a checkpoint may use. */
sealed interface Known {
  /** What builds tensors, or containers of them; the arguments are those of PyTorch's function. */
  enum Rebuilder implements Known {
    TENSOR, TENSOR_V3, PARAMETER, FROM_TYPE, DEVICE_TENSOR, SIZE, ORDERED_DICT, DEFAULT_DICT
  }

  /** A rebuilder of tensors that are not arrays of elements. */
  record UnsupportedForm(String what) implements Known {}

  /** A class of storages. */
  record StorageClass(TorchType type) implements Known {}

  /** An element type. */
  record ElementType(TorchType type) implements Known {}

  /** What stays data without a meaning here: a setting, a class of plain values, or one of their objects. */
  record Inert(String name) implements Known {}

  /** The known name, or empty. */
  static Optional<Known> of(String module, String name) {
    return Optional.ofNullable(Table.NAMES.get(module + " " + name));
  }

  /** All of them. */
  final class Table {
    private static final Map<String, Known> NAMES = new HashMap<>();

    static {
      add("torch._utils", Rebuilder.TENSOR, "_rebuild_tensor", "_rebuild_tensor_v2");
      add("torch._utils", Rebuilder.TENSOR_V3, "_rebuild_tensor_v3");
      add("torch._utils", Rebuilder.PARAMETER, "_rebuild_parameter", "_rebuild_parameter_with_state");
      add("torch._utils", Rebuilder.DEVICE_TENSOR, "_rebuild_device_tensor_from_cpu_tensor");
      add("torch._tensor", Rebuilder.FROM_TYPE, "_rebuild_from_type_v2");
      add("torch.tensor", Rebuilder.FROM_TYPE, "_rebuild_from_type", "_rebuild_from_type_v2");
      add("torch._utils", new UnsupportedForm("a sparse tensor"), "_rebuild_sparse_tensor", "_rebuild_sparse_csr_tensor");
      add("torch._utils", new UnsupportedForm("a quantised tensor"), "_rebuild_qtensor");
      add("torch._utils", new UnsupportedForm("a nested tensor"), "_rebuild_nested_tensor");
      add("torch._utils", new UnsupportedForm("a tensor without data"), "_rebuild_meta_tensor_no_storage");
      add("torch._utils", new UnsupportedForm("a tensor of a subclass"), "_rebuild_wrapper_subclass");
      add("torch._utils", new UnsupportedForm("an array on a device"), "_rebuild_device_tensor_from_numpy",
          "_rebuild_xla_tensor");
      add("torch", Rebuilder.SIZE, "Size");
      add("collections", Rebuilder.ORDERED_DICT, "OrderedDict");
      add("collections", Rebuilder.DEFAULT_DICT, "defaultdict");
      for (TorchType type : TorchType.values()) {
        type.storage().ifPresent(storage -> List.of("torch", "torch.cuda", "torch.storage")
            .forEach(module -> add(module, new StorageClass(type), storage)));
        add("torch", new ElementType(type), type.toString());
      }
      NAMES.remove("torch " + TorchType.UNTYPED);
      inert("torch", "device", "Tensor", "Generator", "strided", "sparse_coo", "sparse_csr", "contiguous_format",
          "channels_last", "preserve_format", "per_tensor_affine", "per_channel_affine", "per_tensor_symmetric",
          "per_channel_symmetric", "per_channel_affine_float_qparams");
      inert("torch.serialization", "_get_layout");
      inert("torch.nn.parameter", "Parameter", "Buffer");
      inert("torch.nn.modules.parameter", "Parameter");
      for (String builtins : List.of("builtins", "__builtin__")) {
        inert(builtins, "set", "frozenset", "list", "dict", "tuple", "bytearray", "bytes", "int", "long", "float", "complex",
            "bool",
            "str", "unicode", "slice", "range", "xrange", "object");
      }
      inert("collections", "Counter", "deque");
      inert("argparse", "Namespace");
      inert("types", "SimpleNamespace");
      inert("_codecs", "encode");
      inert("pathlib", "Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath");
      inert("pathlib._local", "Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath");
      inert("datetime", "datetime", "date", "time", "timedelta", "timezone");
      inert("pytorch_lightning.utilities.parsing", "AttributeDict");
      inert("lightning_fabric.utilities.data", "AttributeDict");
      inert("lightning.fabric.utilities.data", "AttributeDict");
      inert("numpy", "dtype", "ndarray");
      for (String numpy : List.of("numpy.core.multiarray", "numpy._core.multiarray")) {
        inert(numpy, "scalar", "_reconstruct");
      }
      for (String numpy : List.of("numpy.core.numeric", "numpy._core.numeric")) {
        inert(numpy, "_frombuffer");
      }
    }

    private Table() {}

    private static void add(String module, Known known, String... names) {
      for (String name : names) {
        NAMES.put(module + " " + name, known);
      }
    }

    private static void inert(String module, String... names) {
      for (String name : names) {
        add(module, new Inert(module + "." + name), name);
      }
    }
  }
}
