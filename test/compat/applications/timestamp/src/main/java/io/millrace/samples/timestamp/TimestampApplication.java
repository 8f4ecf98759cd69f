package io.millrace.samples.timestamp;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.task.configuration.EnableTask;

/** A task without a job: prints the time and ends, late, with a message or with an exception if asked to. */
@SpringBootApplication
@EnableTask
@EnableConfigurationProperties(TimestampProperties.class)
public class TimestampApplication {

	public static void main(String[] arguments) {
		SpringApplication.run(TimestampApplication.class, arguments);
	}
}
