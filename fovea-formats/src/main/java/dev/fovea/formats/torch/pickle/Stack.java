package dev.fovea.formats.torch.pickle;

import java.util.ArrayList;
import java.util.List;

/** The stack of values with marks. Values below the last mark cannot be taken. */
final class Stack {
  /** A collection needs about 70 bytes, and counts as this many values. */
  static final int COLLECTION = 3;

  /** The limit of the number of values that are pushed or remembered; each takes about 30 bytes. */
  static final int MAX_VALUES = 1 << 19;

  private static final int MAX_MARKS = 1 << 16;

  private final PickleInput in;
  private final List<Object> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private int counted;

  Stack(PickleInput in) {
    this.in = in;
  }

  /** Counts values towards the limit. */
  void count(int values) {
    counted += values;
    if (counted > MAX_VALUES) {
      throw in.invalid("it has more than " + MAX_VALUES + " values; save the state dict alone");
    }
  }

  void push(Object value) {
    count(1);
    values.add(value);
  }

  void pushCollection(Object value) {
    count(COLLECTION);
    values.add(value);
  }

  int size() {
    return values.size();
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  Object top() {
    if (values.size() <= floor()) {
      throw in.invalid("the stack is empty");
    }
    return values.getLast();
  }

  Object pop() {
    Object top = top();
    values.removeLast();
    return top;
  }

  void mark() {
    count(1);
    if (marks.size() == MAX_MARKS) {
      throw in.invalid("more than " + MAX_MARKS + " collections are nested");
    }
    marks.add(values.size());
  }

  boolean isAtMark() {
    return !marks.isEmpty() && marks.getLast() == values.size();
  }

  /** Removes the last mark and what is above it, which is returned in order. */
  List<Object> popMark() {
    if (marks.isEmpty()) {
      throw in.invalid("there is no mark");
    }
    List<Object> above = values.subList(marks.removeLast(), values.size());
    List<Object> items = new ArrayList<>(above);
    above.clear();
    return items;
  }
}
