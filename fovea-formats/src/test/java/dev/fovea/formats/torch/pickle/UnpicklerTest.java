package dev.fovea.formats.torch.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.file.Bytes;
import dev.fovea.tensor.FoveaException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnpicklerTest {
  /** Knows one class, whose objects are the text {@code made}, and gives persistent objects as their identifiers. */
  private static final Host HOST = new Host() {
    @Override
    public Optional<Object> global(String module, String name) {
      return module.equals("known") ? Optional.of("class " + name) : Optional.empty();
    }

    @Override
    public Object call(Object callee, List<Object> arguments) {
      return callee + " with " + arguments;
    }

    @Override
    public boolean isInert(Object value) {
      return value instanceof String text && text.startsWith("class");
    }

    @Override
    public Object persistent(Object id) {
      return List.of(id);
    }

    @Override
    public FoveaException refused(Foreign foreign, Foreign.Use use) {
      return new FoveaException("refused " + foreign + " " + use);
    }
  };

  private static Object load(byte[] pickle) {
    return Unpickler.load(new PickleInput(Bytes.of(pickle), 0, "p"), HOST);
  }

  private static Object load(Pickles pickle) {
    return load(pickle.end());
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] pickle) {
    return assertThatThrownBy(() -> load(pickle)).isInstanceOf(FoveaException.class);
  }

  @Test
  void constantsAreRead() {
    assertThat(load(Pickles.start().op('N'))).isEqualTo(None.NONE);
    assertThat(load(Pickles.start().op(0x88))).isEqualTo(true);
    assertThat(load(Pickles.start().op(0x89))).isEqualTo(false);
    assertThat(load(Pickles.start().op('J').i4(-7))).isEqualTo(-7L);
    assertThat(load(Pickles.start().op('K', 255))).isEqualTo(255L);
    assertThat(load(Pickles.start().op('M', 1, 2))).isEqualTo(513L);
    assertThat(load(Pickles.start().op('I').raw("-12\n"))).isEqualTo(-12L);
    assertThat(load(Pickles.start().op('I').raw("01\n"))).isEqualTo(true);
    assertThat(load(Pickles.start().op('L').raw("123456789012345678901L\n"))).isEqualTo(new BigInteger("123456789012345678901"));
    assertThat(load(Pickles.start().op(0x8a, 0))).isEqualTo(0L);
    assertThat(load(Pickles.start().op(0x8a, 1, 0xff))).isEqualTo(-1L);
    assertThat(load(Pickles.start().op(0x8a, 2, 0xff, 0))).isEqualTo(255L);
    assertThat(load(Pickles.start().op(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1))).isEqualTo(BigInteger.TWO.pow(64));
    assertThat(load(Pickles.start().op(0x8b).i4(1).op(5))).isEqualTo(5L);
    assertThat(load(Pickles.start().op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0))).isEqualTo(1.5);
    assertThat(load(Pickles.start().text("grün"))).isEqualTo("grün");
    assertThat(load(Pickles.start().op(0x8c, 2).raw("ab"))).isEqualTo("ab");
    assertThat(load(Pickles.start().op(0x8d).i8(2).raw("ab"))).isEqualTo("ab");
    assertThat(load(Pickles.start().op('U', 2).raw("ab"))).isEqualTo("ab");
    assertThat(load(Pickles.start().op('T').i4(2).raw("ab"))).isEqualTo("ab");
    for (Pickles bytes : List.of(Pickles.start().op('B').i4(2), Pickles.start().op('C', 2), Pickles.start().op(0x8e).i8(2),
        Pickles.start().op(0x96).i8(2))) {
      assertThat(load(bytes.op(1, 2))).isEqualTo(new byte[] {1, 2});
    }
  }

  @Test
  void collectionsAreRead() {
    assertThat(load(Pickles.start().op(']', '(').integer(1).integer(2).op('e').integer(3).op('a')))
        .isEqualTo(List.of(1L, 2L, 3L));
    assertThat(load(Pickles.start().op('(').integer(1).op('l'))).isEqualTo(List.of(1L));
    assertThat(load(Pickles.start().op('}', '(').text("a").integer(1).op('u').text("b").integer(2).op('s')))
        .isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(load(Pickles.start().op('(').text("a").integer(1).op('d'))).isEqualTo(Map.of("a", 1L));
    assertThat(load(Pickles.start().op(')'))).isEqualTo(new Tuple(List.of()));
    assertThat(load(Pickles.start().integer(1).op(0x85))).isEqualTo(new Tuple(List.of(1L)));
    assertThat(load(Pickles.start().integer(1).integer(2).op(0x86))).isEqualTo(new Tuple(List.of(1L, 2L)));
    assertThat(load(Pickles.start().tuple(1, 2, 3))).isEqualTo(new Tuple(List.of(1L, 2L, 3L)));
    assertThat(load(Pickles.start().integer(1).integer(2).integer(3).op(0x87))).isEqualTo(new Tuple(List.of(1L, 2L, 3L)));
    assertThat(load(Pickles.start().op(0x8f, '(').integer(4).op(0x90))).isEqualTo(List.of(4L));
    assertThat(load(Pickles.start().op('(').integer(4).op(0x91))).isEqualTo(new Tuple(List.of(4L)));
    assertThat(load(Pickles.start().integer(1).op('2', 0x86))).isEqualTo(new Tuple(List.of(1L, 1L)));
    assertThat(load(Pickles.start().integer(1).integer(2).op('0'))).isEqualTo(1L);
    assertThat(load(Pickles.start().integer(1).op('(').integer(2).op('1'))).isEqualTo(1L);
    assertThat(load(Pickles.start().integer(1).op('(', '0'))).isEqualTo(1L);
  }

  @Test
  void memoNamesAndPersistentObjectsAreRead() {
    assertThat(load(Pickles.start().text("a").op('q', 3).op('0', 'h', 3))).isEqualTo("a");
    assertThat(load(Pickles.start().text("a").op('r').i4(-1).op('0', 'j').i4(-1))).isEqualTo("a");
    assertThat(load(Pickles.start().text("a").op(0x94, '0', 'h', 0))).isEqualTo("a");
    assertThat(load(Pickles.start().global("known", "C").op(')', 'R'))).isEqualTo("class C with []");
    assertThat(load(Pickles.start().text("known").text("C").op(0x93, ')', 0x81))).isEqualTo("class C with []");
    assertThat(load(Pickles.start().text("known").op(0x94).text("C").op(0x94, '0', '0', 'h', 0, 'h', 1, 0x93)))
        .isEqualTo("class C");
    assertThat(load(Pickles.start().global("known", "C").op(')', '}', 0x92))).isEqualTo("class C with []");
    assertThat(load(Pickles.start().global("known", "C").op('}', 'b'))).isEqualTo("class C");
    assertThat(load(Pickles.start().global("known", "C").integer(1).op('a'))).isEqualTo("class C");
    assertThat(load(Pickles.start().text("id").op('Q'))).isEqualTo(List.of("id"));
    assertThat(load(Pickles.start().op(0x95).i8(1).op('N'))).isEqualTo(None.NONE);
  }

  @Test
  void severalPicklesFollowEachOther() {
    PickleInput in = new PickleInput(Bytes.of(Pickles.start().integer(1).op('.').integer(2).end()), 0, "p");
    assertThat(Unpickler.load(in, HOST)).isEqualTo(1L);
    assertThat(Unpickler.load(in, HOST)).isEqualTo(2L);
  }

  @Test
  void foreignNamesAreRefusedByTheirUse() {
    refused(Pickles.start().global("posix", "system").text("true").op(0x85, 'R').end()).hasMessage("refused 'posix.system' CALL");
    refused(Pickles.start().global("__main__", "Net").op(')', 0x81).end()).hasMessage("refused '__main__.Net' WHOLE");
    refused(Pickles.start().op('}').text("a").global("m", "Net").op(')', 0x81).end()).hasMessage("refused 'm.Net' PART");
    refused(Pickles.start().global("m", "Net").op('}', 'b').end()).hasMessage("refused 'm.Net' PART");
    refused(Pickles.start().global("m", "f").end()).hasMessage("refused 'm.f' MENTION");
    refused(Pickles.start().global("m", "f").op('0', 'N').end()).hasMessage("refused 'm.f' MENTION");
  }

  @ParameterizedTest
  @ValueSource(strings = {"S'a'\n", "Va\n", "F1.5\n", "p0\n", "g0\n", "Pid\n", "ia\nb\n", "o"})
  void opcodesOfProtocol0AreRefused(String opcode) {
    refused(Pickles.start().op(']', '(').raw(opcode).end()).hasMessageContaining("an opcode of protocol 0");
  }

  @Test
  void buffersExtensionsAndUnknownOpcodesAreRefused() {
    refused(Pickles.start().op(0x97).end()).hasMessageContaining("a buffer outside the file");
    refused(Pickles.start().op(0x82, 1).end()).hasMessageContaining("an extension code");
    refused(Pickles.start().op(0xff).end()).hasMessageContaining("opcode 0xff, which is unknown");
    refused(new byte[] {(byte) 0x80, 6, 'N', '.'}).hasMessageContaining("of protocol 6");
  }

  @Test
  void invalidPicklesAreRefused() {
    refused(Pickles.start().end()).hasMessageContaining("the stack is empty");
    refused(Pickles.start().op('(', 'a').end()).hasMessageContaining("the stack is empty");
    refused(Pickles.start().op('e').end()).hasMessageContaining("there is no mark");
    refused(Pickles.start().op('N', 'N', 'a').end()).hasMessageContaining("items are added to None");
    refused(Pickles.start().op(']').text("a").op('N', 's').end()).hasMessageContaining("entries are added to a list");
    refused(Pickles.start().op('}', '(', 'N', 'u').end()).hasMessageContaining("a key has no value");
    refused(Pickles.start().op('}', ']', 'N', 's').end()).hasMessageContaining("a dictionary has a list as a key");
    refused(Pickles.start().op('}', ')', 0x85, 'N', 's').end()).hasMessageContaining("has a tuple as a key");
    refused(Pickles.start().op('h', 1).end()).hasMessageContaining("the memo has no entry 1");
    refused(Pickles.start().integer(1).text("a").op(0x93).end()).hasMessageContaining("a name is a number");
    refused(Pickles.start().global("known", "C").op('N', 'R').end()).hasMessageContaining("expected a tuple");
    refused(Pickles.start().op(']', 'N', 'b').end()).hasMessageContaining("a state is given to a list");
    refused(Pickles.start().op('L').raw("x\n").end()).hasMessageContaining("a number is invalid");
    refused(Pickles.start().raw("c" + "m".repeat(5000) + "\n").end()).hasMessageContaining("a line has more than 4096");
  }

  @Test
  void lengthsBeyondTheFileAreRefused() {
    for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, 1000}) {
      for (int opcode : new int[] {0x8d, 0x8e, 0x96, 0x95}) {
        refused(Pickles.start().op(opcode).i8(length).end()).hasMessageContaining(Long.toUnsignedString(length) + " bytes");
      }
    }
    refused(Pickles.start().op('X').i4(-1).end()).hasMessageContaining("4294967295 bytes does not fit");
    refused(Pickles.start().op('T').i4(-1).end()).hasMessageContaining("a length is negative");
    refused(Pickles.start().op(0x8b).i4(Integer.MAX_VALUE).end()).hasMessageContaining("an integer has 2147483647 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {']', '}', ')', '(', 'N'})
  void moreValuesThanAnyCheckpointHasAreRefused(int opcode) {
    byte[] many = new byte[1 << 20];
    Arrays.fill(many, (byte) opcode);
    refused(many).hasMessageMatching(".*(more than 524288 values|more than 65536 collections).*");
  }

  @Test
  void moreTextThanAnyCheckpointHasIsRefused() {
    Pickles texts = Pickles.start();
    for (int i = 0; i < 9; i++) {
      texts.text("a".repeat(1 << 20)).op('0');
    }
    refused(texts.op('N').end()).hasMessageContaining("its texts have more than 8388608 bytes");
  }

  @Test
  void memoAndCopiesCount() {
    Pickles memo = Pickles.start().op('N');
    for (int i = 0; i < 1 << 19; i++) {
      memo.op('r').i4(i);
    }
    refused(memo.end()).hasMessageContaining("more than 524288 values");
    Pickles nested = Pickles.start().op(')');
    for (int i = 0; i < 1000; i++) {
      nested.op('2', 0x86); // doubles as a tree, but not in memory
    }
    assertThat(load(nested)).isInstanceOf(Tuple.class);
  }
}
