package dev.fovea.formats.torch.pickle;

import dev.fovea.formats.torch.pickle.Foreign.Use;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of protocol 1 to 5 as data. Dictionaries become {@code Map}s, lists and sets {@code List}s, tuples {@link Tuple}s,
 * integers {@code Long}s or {@code BigInteger}s, bytes {@code byte[]}; {@code None}, booleans, floats and text are themselves. A class
 * or function is what the {@link Host} has for its name. Nothing is executed: Java has none of Python's functions, and the host's
 * results are data.
 *
 * <p>Time and memory are linear in the pickle's length, and the number of values is limited.
 */
public final class Unpickler {
  private static final int HIGHEST_PROTOCOL = 5;
  private static final int MAX_INTEGER_BYTES = 4096;

  private final PickleInput in;
  private final Host host;
  private final Stack stack;
  private final Map<Long, Object> memo = new HashMap<>();
  private @Nullable Foreign mentioned;

  private Unpickler(PickleInput in, Host host) {
    this.in = in;
    this.host = host;
    this.stack = new Stack(in);
  }

  /** Reads one pickle; the input is then after it. */
  public static Object load(PickleInput in, Host host) {
    return new Unpickler(in, host).load();
  }

  private Object load() {
    for (int opcode = in.u1(); opcode != '.'; opcode = in.u1()) {
      if (!constant(opcode) && !collection(opcode) && !reference(opcode)) {
        throw unknown(opcode);
      }
    }
    Object value = stack.pop();
    if (mentioned != null) {
      throw host.refused(mentioned, Use.MENTION);
    }
    return value;
  }

  private RuntimeException unknown(int opcode) {
    String what = switch (opcode) {
      case 0x82, 0x83, 0x84 -> "an extension code, which only a registry in Python resolves";
      case 0x97, 0x98 -> "a buffer outside the file";
      case 'S', 'V', 'F', 'g', 'p', 'P', 'i', 'o' -> "an opcode of protocol 0; save it with protocol 2";
      default -> "the opcode 0x" + Integer.toHexString(opcode) + ", which is unknown";
    };
    return in.invalid("it uses " + what);
  }

  /** Opcodes that push a number, a text or bytes. */
  private boolean constant(int opcode) {
    Object value = switch (opcode) {
      case 'N' -> None.NONE;
      case 0x88 -> true;
      case 0x89 -> false;
      case 'J' -> (long) in.i4();
      case 'K' -> (long) in.u1();
      case 'M' -> (long) in.u2();
      case 'I' -> number(in.line());
      case 'L' -> number(in.line());
      case 0x8a -> integer(in.bytes(in.u1()));
      case 0x8b -> integer(in.bytes(integerLength()));
      case 'G' -> in.bigEndianDouble();
      case 'X' -> in.text(in.u4());
      case 0x8c -> in.text(in.u1());
      case 0x8d -> in.text(in.i8());
      case 'T' -> in.latin(length4()); // Python 2's strings are bytes
      case 'U' -> in.latin(in.u1());
      case 'B' -> in.bytes(in.u4());
      case 'C' -> in.bytes(in.u1());
      case 0x8e, 0x96 -> in.bytes(in.i8());
      default -> null;
    };
    if (value == null) {
      return false;
    }
    stack.push(value);
    return true;
  }

  /** A signed length of four bytes. */
  private long length4() {
    int length = in.i4();
    if (length < 0) {
      throw in.invalid("a length is negative");
    }
    return length;
  }

  private long integerLength() {
    long length = length4();
    if (length > MAX_INTEGER_BYTES) {
      throw in.invalid("an integer has " + length + " bytes; the limit is " + MAX_INTEGER_BYTES);
    }
    return length;
  }

  private Object number(String line) {
    if (line.equals("00") || line.equals("01")) { // how protocol 1 writes False and True
      return line.equals("01");
    }
    try {
      return shortened(new BigInteger(line.endsWith("L") ? line.substring(0, line.length() - 1) : line));
    } catch (NumberFormatException e) {
      throw in.invalid("a number is invalid");
    }
  }

  private static Object integer(byte[] littleEndian) {
    byte[] bigEndian = new byte[littleEndian.length + 1];
    byte sign = (byte) (littleEndian.length > 0 && littleEndian[littleEndian.length - 1] < 0 ? -1 : 0);
    bigEndian[0] = sign;
    for (int i = 0; i < littleEndian.length; i++) {
      bigEndian[littleEndian.length - i] = littleEndian[i];
    }
    return shortened(new BigInteger(bigEndian));
  }

  private static Object shortened(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** Opcodes that make and fill lists, tuples, sets and dictionaries, and those of the stack. */
  private boolean collection(int opcode) {
    switch (opcode) {
      case '(' -> stack.mark();
      case '0' -> pop();
      case '1' -> stack.popMark();
      case '2' -> stack.push(stack.top());
      case ']', 0x8f -> stack.pushCollection(new ArrayList<>());
      case '}' -> stack.pushCollection(new LinkedHashMap<>());
      case ')' -> stack.push(new Tuple(List.of()));
      case 'l' -> stack.pushCollection(stack.popMark());
      case 'd' -> {
        Map<Object, Object> map = new LinkedHashMap<>();
        putAll(map, stack.popMark());
        stack.pushCollection(map);
      }
      case 't', 0x91 -> stack.pushCollection(new Tuple(stack.popMark()));
      case 0x85 -> tuple(1);
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case 'a' -> append(List.of(stack.pop()));
      case 'e', 0x90 -> append(stack.popMark());
      case 's' -> {
        Object value = stack.pop();
        Object key = stack.pop();
        putAll(stack.top(), List.of(key, value));
      }
      case 'u' -> {
        List<Object> entries = stack.popMark();
        putAll(stack.top(), entries);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void pop() {
    if (stack.isAtMark()) {
      stack.popMark();
    } else {
      stack.pop();
    }
  }

  private void tuple(int size) {
    Object[] items = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      items[i] = stack.pop();
    }
    stack.pushCollection(new Tuple(List.of(items)));
  }

  @SuppressWarnings("unchecked") // every list is made here
  private void append(List<Object> items) {
    Object to = stack.top();
    if (to instanceof List<?> list) {
      ((List<Object>) list).addAll(items);
    } else if (!host.isInert(to)) {
      throw in.invalid("items are added to " + kind(to));
    }
  }

  @SuppressWarnings("unchecked") // every map is made here or by the host, with keys and values of any type
  private void putAll(Object to, List<Object> entries) {
    if (entries.size() % 2 != 0) {
      throw in.invalid("a key has no value");
    }
    if (to instanceof Map<?, ?> map) {
      stack.count(entries.size());
      for (int i = 0; i < entries.size(); i += 2) {
        ((Map<Object, Object>) map).put(key(entries.get(i)), entries.get(i + 1));
      }
    } else if (!host.isInert(to)) {
      throw in.invalid("entries are added to " + kind(to));
    }
  }

  /** A key: what has a hash code that takes constant time, and tuples of that. */
  private Object key(Object key) {
    if (isAtom(key) || key instanceof Tuple(var items) && items.size() < 16 && items.stream().allMatch(Unpickler::isAtom)) {
      return key;
    }
    throw in.invalid("a dictionary has " + kind(key) + " as a key");
  }

  private static boolean isAtom(Object value) {
    return !(value instanceof Collection || value instanceof Map || value instanceof Tuple || value instanceof byte[]);
  }

  private static String kind(Object value) {
    return switch (value) {
      case Map<?, ?> _ -> "a dictionary";
      case Collection<?> _ -> "a list";
      case Tuple _ -> "a tuple";
      case byte[] _ -> "bytes";
      case String _ -> "a text";
      case Number _, Boolean _ -> "a number";
      case None _ -> "None";
      default -> "a value of another kind";
    };
  }

  /** Opcodes that refer to the memo, to Python's names and to persistent objects. */
  private boolean reference(int opcode) {
    switch (opcode) {
      case 0x80 -> protocol(in.u1());
      case 0x95 -> frame(in.i8());
      case 'h' -> stack.push(remembered(in.u1()));
      case 'j' -> stack.push(remembered(in.u4()));
      case 'q' -> remember(in.u1());
      case 'r' -> remember(in.u4());
      case 0x94 -> remember(memo.size());
      case 'c' -> {
        String module = in.line();
        global(module, in.line());
      }
      case 0x93 -> {
        Object name = stack.pop();
        global(text(stack.pop()), text(name));
      }
      case 'R' -> {
        Object arguments = stack.pop();
        call(stack.pop(), arguments, Use.CALL);
      }
      case 0x81 -> {
        Object arguments = stack.pop();
        call(stack.pop(), arguments, instance());
      }
      case 0x92 -> {
        stack.pop();
        Object arguments = stack.pop();
        call(stack.pop(), arguments, instance());
      }
      case 'b' -> build();
      case 'Q' -> stack.push(host.persistent(stack.pop()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void protocol(int version) {
    if (version > HIGHEST_PROTOCOL) {
      throw in.invalid("it is of protocol " + version + "; protocols 1 to " + HIGHEST_PROTOCOL + " are read");
    }
  }

  private void frame(long length) {
    if (length < 0 || length > in.remaining()) {
      throw in
          .invalid("a frame of " + Long.toUnsignedString(length) + " bytes is longer than what is left; is the file truncated?");
    }
  }

  private void remember(long index) {
    stack.count(2);
    memo.put(index, stack.top());
  }

  private Object remembered(long index) {
    Object value = memo.get(index);
    if (value == null) {
      throw in.invalid("the memo has no entry " + index);
    }
    return value;
  }

  private String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw in.invalid("a name is " + kind(value) + ", expected a text");
  }

  private void global(String module, String name) {
    Object value = host.global(module, name).orElseGet(() -> new Foreign(module, name));
    if (value instanceof Foreign foreign && mentioned == null) {
      mentioned = foreign;
    }
    stack.push(value);
  }

  /** How an object is created whose class and arguments were just taken from the stack. */
  private Use instance() {
    return stack.size() == 0 ? Use.WHOLE : Use.PART;
  }

  private void call(Object callee, Object arguments, Use use) {
    if (callee instanceof Foreign foreign) {
      throw host.refused(foreign, use);
    }
    if (!(arguments instanceof Tuple(var items))) {
      throw in.invalid("a call has " + kind(arguments) + " as its arguments, expected a tuple");
    }
    stack.pushCollection(host.call(callee, items));
  }

  /** Sets an object's attributes, which no value here has. */
  private void build() {
    stack.pop();
    Object object = stack.top();
    if (object instanceof Foreign foreign) {
      throw host.refused(foreign, Use.PART);
    }
    if (!(object instanceof Map) && !host.isInert(object)) {
      throw in.invalid("a state is given to " + kind(object));
    }
  }
}
