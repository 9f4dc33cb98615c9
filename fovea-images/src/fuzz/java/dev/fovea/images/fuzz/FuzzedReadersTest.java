package dev.fovea.images.fuzz;

import dev.fovea.testkit.fuzz.FuzzedReaders;

class FuzzedReadersTest extends FuzzedReaders {
  FuzzedReadersTest() {
    super(Reader.values());
  }
}
