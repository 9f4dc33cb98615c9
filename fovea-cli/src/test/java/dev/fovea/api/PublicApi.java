package dev.fovea.api;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What users may write against: one line for each type that is seen outside its module and one for each of its members. A line
 * begins with the type's name, so that sorting groups the lines by type.
 */
final class PublicApi {
  /** How the name of each of our modules begins. */
  private static final String OURS = "dev.fovea.";

  private static final Set<String> OF_EVERY_OBJECT = Set.of("equals[class java.lang.Object]", "hashCode[]", "toString[]");

  /** Those that users see, of all modules. */
  private final Set<String> packages;

  private PublicApi(Set<String> packages) {
    this.packages = packages;
  }

  /** The modules on the class path that export a package to all modules. */
  static List<ModuleReference> modules() {
    List<ModuleReference> modules = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (entry.endsWith(".jar") || Files.exists(path.resolve("module-info.class"))) {
        ModuleFinder.of(path).findAll().stream()
            .filter(m -> m.descriptor().name().startsWith(OURS) && !exported(m.descriptor()).isEmpty())
            .forEach(modules::add);
      }
    }
    return modules;
  }

  private static Set<String> exported(ModuleDescriptor module) {
    return module.exports().stream()
        .filter(Predicate.not(ModuleDescriptor.Exports::isQualified))
        .map(ModuleDescriptor.Exports::source)
        .collect(Collectors.toSet());
  }

  /** The lines of a module. */
  static SortedSet<String> of(ModuleReference module) {
    Set<String> own = exported(module.descriptor());
    PublicApi api = new PublicApi(modules().stream().flatMap(m -> exported(m.descriptor()).stream()).collect(Collectors.toSet()));
    SortedSet<String> lines = new TreeSet<>();
    try (ModuleReader reader = module.open();
        Stream<String> files = reader.list()) {
      files.filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .filter(name -> own.contains(name.substring(0, name.lastIndexOf('.'))))
          .map(PublicApi::load)
          .filter(api::isSeen)
          .forEach(type -> api.describe(type, lines));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /** The lines of one type, seen or not. */
  static SortedSet<String> of(Class<?> type) {
    SortedSet<String> lines = new TreeSet<>();
    new PublicApi(Set.of(type.getPackageName())).describe(type, lines);
    return lines;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApi.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** Whether code in another module can name it. */
  private boolean isSeen(Class<?> type) {
    if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic() || !packages.contains(type.getPackageName())) {
      return false;
    }
    Class<?> outer = type.getDeclaringClass();
    return outer == null ? isSeen(type.getModifiers(), type) : isSeen(type.getModifiers(), outer) && isSeen(outer);
  }

  /** Protected members are for subclasses, if the type can be extended. */
  private static boolean isSeen(int modifiers, Class<?> owner) {
    boolean extensible = !Modifier.isFinal(owner.getModifiers()) && !owner.isSealed();
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers) && extensible;
  }

  private void describe(Class<?> type, SortedSet<String> lines) {
    String name = type.getCanonicalName();
    add(name + " : " + header(type), lines);
    for (Field field : type.getDeclaredFields()) {
      if (isSeen(field.getModifiers(), type) && !field.isSynthetic()) {
        add(name + " " + member(field.toGenericString(), type), lines);
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isSeen(constructor.getModifiers(), type) && !constructor.isSynthetic()) {
        add(name + " " + constructor.toGenericString().replace(type.getTypeName() + "(", "new("), lines);
      }
    }
    for (Method method : methods(type, new ArrayList<>())) {
      if (isSeen(method.getModifiers(), type) && !method.isSynthetic() && !isOfEveryObject(method)) {
        add(name + " " + member(method.toGenericString(), method.getDeclaringClass()), lines);
      }
    }
  }

  /** What is in {@code java.lang} needs no package. */
  private static void add(String line, SortedSet<String> lines) {
    lines.add(line.replaceAll("\\bjava\\.lang\\.(?=[A-Z])", ""));
  }

  /** Its own methods and those of supertypes that users do not see, which are its own to them. */
  private List<Method> methods(Class<?> type, List<Method> all) {
    all.addAll(List.of(type.getDeclaredMethods()));
    Stream.concat(Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces()))
        .filter(above -> above.getName().startsWith(OURS) && !isSeen(above))
        .forEach(above -> methods(above, all));
    return all;
  }

  private static boolean isOfEveryObject(Method method) {
    return OF_EVERY_OBJECT.contains(method.getName() + Arrays.toString(method.getParameterTypes()));
  }

  /** A member as reflection writes it, without its owner's name and without what only its implementation means. */
  private static String member(String text, Class<?> owner) {
    return text.replace(owner.getTypeName() + ".", "").replaceAll("\\b(synchronized|native|strictfp|transient|volatile) ", "");
  }

  private String header(Class<?> type) {
    StringBuilder text = new StringBuilder(type.toGenericString().replace(" " + type.getTypeName(), ""));
    Type above = type.getGenericSuperclass();
    if (above != null && above != Object.class && !type.isRecord() && !type.isEnum()) {
      text.append(" extends ").append(above.getTypeName());
    }
    append(text, " implements ", Arrays.stream(type.getGenericInterfaces()).map(Type::getTypeName));
    if (type.isSealed()) {
      append(text, " permits ",
          Arrays.stream(type.getPermittedSubclasses()).filter(this::isSeen).map(Class::getTypeName).sorted());
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String word, Stream<String> names) {
    String list = names.collect(Collectors.joining(", "));
    if (!list.isEmpty()) {
      text.append(word).append(list);
    }
  }
}
