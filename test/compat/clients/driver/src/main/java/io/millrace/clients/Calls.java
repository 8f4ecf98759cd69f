package io.millrace.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.springframework.util.ClassUtils;

/** Public methods by their names, and the objects that they answered. */
final class Calls {

    private final ObjectMapper json = new ObjectMapper();

    private final Map<String, Object> kept = new HashMap<>();

    void keep(String name, Object value) {
        kept.put(name, value);
    }

    /** Makes a call; throws what the method throws, wrapped in an InvocationTargetException. */
    Object make(JsonNode call) throws Exception {
        Object target = kept.get(call.get("on").asText());
        Class<?> type = target == null ? Class.forName(call.get("on").asText()) : target.getClass();
        List<JsonNode> given = new ArrayList<>();
        call.path("arguments").forEach(given::add);
        String name = call.get("call").asText();
        List<Method> candidates = Arrays.stream(type.getMethods())
                .filter(method -> method.getName().equals(name) && method.getParameterCount() == given.size())
                .filter(method -> target != null || Modifier.isStatic(method.getModifiers()))
                .sorted(Comparator.comparing(Calls::numberOfOtherThanText))
                .toList();
        for (Method method : candidates) {
            Optional<Object[]> arguments = arguments(method, given);
            if (arguments.isPresent()) {
                // Not all of the client's types are public; the interfaces that declare the methods are.
                Object result = ClassUtils.getInterfaceMethodIfPossible(method).invoke(target, arguments.get());
                if (call.hasNonNull("as")) {
                    keep(call.get("as").asText(), result instanceof Optional<?> found ? found.orElse(null) : result);
                }
                return result;
            }
        }
        throw new NoSuchElementException(type.getName() + " has no method " + name + " that takes " + given);
    }

    /** Of methods that a text fits, those come first that mean it as a text. */
    private static long numberOfOtherThanText(Method method) {
        return Arrays.stream(method.getParameterTypes()).filter(type -> type != String.class).count();
    }

    private Optional<Object[]> arguments(Method method, List<JsonNode> given) {
        Object[] arguments = new Object[given.size()];
        Type[] types = method.getGenericParameterTypes();
        for (int index = 0; index < arguments.length; index++) {
            JsonNode argument = given.get(index);
            Class<?> type = method.getParameterTypes()[index];
            if (argument.has("kept")) {
                arguments[index] = kept.get(argument.get("kept").asText());
                if (!type.isInstance(arguments[index])) {
                    return Optional.empty();
                }
            } else {
                try {
                    arguments[index] = json.convertValue(argument, json.constructType(types[index]));
                } catch (IllegalArgumentException doesNotFit) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(arguments);
    }
}
