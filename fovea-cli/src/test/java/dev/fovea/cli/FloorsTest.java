package dev.fovea.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The order of the packages: each may use those below it, never those above it or on the same floor. */
class FloorsTest {
  /** From the bottom up. */
  private static final List<String> FLOORS =
      List.of(
          "tensor", "format", "graph", "layer", "image", "model", "tutorial", "data", "pretrained", "augment", "optim", "metric",
          "feature", "probe", "train", "diagnose", "report", "run", "check", "tune", "explain", "cli");

  /** What the zoo and the formats must not use: they know neither data nor training. */
  private static final List<String> ABOVE_OR_BESIDE_THE_ZOO = FLOORS.subList(FLOORS.indexOf("tutorial"), FLOORS.size());

  /** Only formats and cli use the zoo, and only cli uses formats. */
  private static final List<String> BELOW_CLI = FLOORS.subList(0, FLOORS.size() - 1);

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar")) // the test kit's
          .importPackages("dev.fovea");

  @Test
  void allModulesAreChecked() {
    assertThat(PRODUCT.stream().map(FloorsTest::floor)).contains("tensor", "graph", "cli");
  }

  @TestFactory
  List<DynamicTest> noFloorUsesOneAboveIt() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < FLOORS.size() - 1; i++) {
      tests.add(neverUses(FLOORS.get(i), FLOORS.subList(i + 1, FLOORS.size())));
    }
    tests.add(neverUses("zoo", ABOVE_OR_BESIDE_THE_ZOO));
    tests.add(neverUses("zoo", List.of("formats")));
    tests.add(neverUses("formats", ABOVE_OR_BESIDE_THE_ZOO));
    tests.add(neverUses("images", ABOVE_OR_BESIDE_THE_ZOO));
    tests.add(neverUses("images", List.of("zoo", "formats", "graph", "layer", "model")));
    FLOORS.forEach(floor -> tests.add(neverUses(floor, List.of("images"))));
    BELOW_CLI.forEach(floor -> tests.add(neverUses(floor, List.of("zoo", "formats"))));
    return tests;
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("dev.fovea.(**)").should().beFreeOfCycles());
  }

  @Test
  void enginesAreFoundNeverNamed() {
    check(
        noClasses()
            .that(resideInAPackage("dev.fovea..").and(outside("dev.fovea.cpu..", "dev.fovea.bench..")))
            .should()
            .dependOnClassesThat(resideInAPackage("dev.fovea.cpu..")));
  }

  @Test
  void enginesKnowTheGraphAndNothingAboveIt() {
    check(
        noClasses()
            .that(resideInAPackage("dev.fovea.cpu.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage(packages(FLOORS.subList(FLOORS.indexOf("layer"), FLOORS.size())))
                .or(resideInAPackage("dev.fovea.zoo.."))));
  }

  /** All classes but those that ask for the machine's vector width must load without the Vector API. */
  @Test
  void vectorApiIsUsedInItsPackagesOnly() {
    check(
        noClasses()
            .that(outside("dev.fovea.cpu.vector..", "dev.fovea.cpu"))
            .should()
            .dependOnClassesThat(resideInAPackage("jdk.incubator..")));
  }

  /** So a kernel depends only on its own package and on what all kernels share. */
  @Test
  void vectorKernelsUseNoKernelsOfAnotherPackage() {
    check(
        slices()
            .matching("dev.fovea.cpu.vector.(*)")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(DescribedPredicate.alwaysTrue(), resideInAnyPackage("..microkernel", "..packing")));
  }

  /** A layer is a description; Parameters holds what it has learned. */
  @Test
  void layersHoldNoTensor() {
    check(
        fields()
            .that()
            .areDeclaredInClassesThat(resideInAnyPackage("dev.fovea.layer..", "dev.fovea.zoo.."))
            .and()
            .areNotStatic()
            .should()
            .notHaveRawType("dev.fovea.tensor.Tensor")
            .andShould()
            .notHaveRawType(float[].class));
  }

  private static DynamicTest neverUses(String floor, List<String> forbidden) {
    return DynamicTest.dynamicTest(
        floor + " uses none of " + String.join(", ", forbidden),
        () -> check(
            noClasses()
                .that(resideInAPackage("dev.fovea." + floor + ".."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(packages(forbidden)))));
  }

  private static DescribedPredicate<JavaClass> outside(String... packages) {
    return DescribedPredicate.not(resideInAnyPackage(packages));
  }

  private static String[] packages(List<String> floors) {
    return floors.stream().map(floor -> "dev.fovea." + floor + "..").toArray(String[]::new);
  }

  /** An empty package breaks no rule. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(PRODUCT);
  }

  /** The third part of the package: {@code graph} of {@code dev.fovea.graph.Op}. */
  private static String floor(JavaClass type) {
    String[] parts = type.getPackageName().split("\\.", -1);
    return parts.length > 2 ? parts[2] : "";
  }
}
