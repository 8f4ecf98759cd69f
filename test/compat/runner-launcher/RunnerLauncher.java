import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Stands in the place of SCDF's composed task runner: SCDF's Local platform starts jars only. It hands its arguments and its
 * environment to the program whose command line, a word on each line, lies beside it in the jar.
 */
public final class RunnerLauncher {
  public static void main(String[] arguments) throws Exception {
    List<String> command = new ArrayList<>();
    try (InputStream words = RunnerLauncher.class.getResourceAsStream("/command")) {
      command.addAll(Arrays.asList(new String(words.readAllBytes(), StandardCharsets.UTF_8).split("\n")));
    }
    command.addAll(Arrays.asList(arguments));
    Process process = new ProcessBuilder(command).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    System.exit(process.waitFor());
  }
}
