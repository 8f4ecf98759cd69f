package io.millrace.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.cloud.dataflow.rest.client.DataFlowOperations;
import org.springframework.cloud.dataflow.rest.client.DataFlowTemplate;
import org.springframework.web.client.RestTemplate;

/**
 * Calls SCDF's REST client for Java on behalf of a test: one JVM for any number of calls.
 *
 * <p>The argument is the address of a server. Each line of the standard input is a call in JSON, <code>{"on", "call",
 * "arguments", "as"}</code>: the name of an object (<code>dataFlow</code> at first) or of a class, a method of it, its
 * arguments, and optionally a name for the result, so that later calls can use it. Each line of the standard output is an
 * answer in JSON, <code>{"result"}</code> or <code>{"failure": {"type", "message"}}</code>; the first one belongs to the
 * construction of the client.
 */
public final class Driver {

    private Driver() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // Whatever libraries print must not come between the answers.
        System.setOut(System.err);
        Calls calls = new Calls();
        Rendering rendering = new Rendering();
        answers.println(answer(rendering, () -> {
            calls.keep("dataFlow", connect(URI.create(arguments[0])));
            return null;
        }));
        ObjectMapper json = new ObjectMapper();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonNode call = json.readTree(line);
            answers.println(answer(rendering, () -> calls.make(call)));
        }
    }

    /** The constructor takes an object mapper too since 2.9. */
    private static DataFlowOperations connect(URI server) throws Exception {
        Constructor<?> constructor = Arrays.stream(DataFlowTemplate.class.getConstructors())
                .filter(candidate -> !Arrays.asList(candidate.getParameterTypes()).contains(RestTemplate.class))
                .findFirst()
                .orElseThrow();
        ObjectMapper mapper = DataFlowTemplate.prepareObjectMapper(new ObjectMapper());
        Object[] given = constructor.getParameterCount() == 1 ? new Object[] {server} : new Object[] {server, mapper};
        return (DataFlowOperations) constructor.newInstance(given);
    }

    private interface Work {
        Object run() throws Exception;
    }

    private static String answer(Rendering rendering, Work work) throws Exception {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            answer.put("result", work.run());
            return rendering.render(answer);
        } catch (Throwable problem) {
            Throwable failure = problem instanceof InvocationTargetException ? problem.getCause() : problem;
            failure.printStackTrace();
            answer.clear();
            answer.put("failure", Map.of(
                    "type", failure.getClass().getSimpleName(), "message", String.valueOf(failure.getMessage())));
            return rendering.render(answer);
        }
    }
}
