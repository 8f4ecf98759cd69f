package io.millrace.samples.batch;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.task.configuration.EnableTask;

/** A task that runs Spring Batch jobs. The jobs differ in how each generation builds them: see JobsConfiguration. */
@SpringBootApplication
@EnableTask
@EnableConfigurationProperties(BatchProperties.class)
public class BatchApplication {

	public static void main(String[] arguments) {
		SpringApplication.run(BatchApplication.class, arguments);
	}
}
