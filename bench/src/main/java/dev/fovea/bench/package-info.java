/**
 * Microbenchmarks, and measurements of whole networks.
 * {@code java --add-modules jdk.incubator.vector -cp "bench/target/*:bench/target/lib/*" dev.fovea.bench.Main}.
 */
@NullMarked
package dev.fovea.bench;

import org.jspecify.annotations.NullMarked;
