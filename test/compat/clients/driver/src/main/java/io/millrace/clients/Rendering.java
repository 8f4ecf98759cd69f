package io.millrace.clients;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.Optional;
import org.springframework.batch.core.StepExecution;
import org.springframework.cloud.dataflow.rest.client.DataFlowOperations;

/** JSON of what the client's methods answer: the resources with all their properties, for everything else its type. */
final class Rendering {

    private final ObjectMapper mapper = new ObjectMapper()
            .addMixIn(StepExecution.class, OfStepExecution.class)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .registerModule(new SimpleModule()
                    .addSerializer(new OfOptional())
                    .setSerializerModifier(new ClientObjectsByType()));

    String render(Object value) throws JsonProcessingException {
        return mapper.writeValueAsString(value);
    }

    /** A step execution knows its job execution, which lists its step executions. */
    @JsonIgnoreProperties({"jobExecution", "jobParameters"})
    private interface OfStepExecution {}

    private static final class OfOptional extends StdSerializer<Optional<?>> {

        OfOptional() {
            super(Optional.class, false);
        }

        @Override
        public void serialize(Optional<?> value, JsonGenerator out, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(value.orElse(null), out);
        }
    }

    /** Tasks, builders and operations of the client itself: their getters ask the server. */
    private static final class ClientObjectsByType extends BeanSerializerModifier {

        @Override
        public JsonSerializer<?> modifySerializer(
                SerializationConfig config, BeanDescription bean, JsonSerializer<?> serializer) {
            String client = DataFlowOperations.class.getPackageName();
            return bean.getBeanClass().getPackageName().startsWith(client) ? new ByType() : serializer;
        }
    }

    private static final class ByType extends StdSerializer<Object> {

        ByType() {
            super(Object.class);
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.getClass().getSimpleName());
        }
    }
}
