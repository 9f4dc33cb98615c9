package dev.fovea.formats.fuzz;

import dev.fovea.testkit.fuzz.FuzzedReaders;

class FuzzedReadersTest extends FuzzedReaders {
  FuzzedReadersTest() {
    super(Reader.values());
  }
}
