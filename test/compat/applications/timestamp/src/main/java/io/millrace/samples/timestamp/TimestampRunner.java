package io.millrace.samples.timestamp;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

import org.springframework.boot.CommandLineRunner;
import org.springframework.stereotype.Component;

/** Does the work of the task. Repeats its arguments first, so that a test can read in the log what arrived. */
@Component
class TimestampRunner implements CommandLineRunner {

	private final TimestampProperties properties;

	TimestampRunner(TimestampProperties properties) {
		this.properties = properties;
	}

	@Override
	public void run(String... arguments) throws InterruptedException {
		for (String argument : arguments) {
			System.out.println("ARGUMENT: " + argument);
		}
		String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern(properties.getFormat()));
		System.out.println("TIMESTAMP: " + now);
		Thread.sleep(properties.getSleep() * 1000L);
		if (properties.isFail()) {
			throw new IllegalStateException("asked to fail");
		}
	}
}
