package io.millrace.samples.batch;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

import org.springframework.batch.core.StepContribution;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.item.ExecutionContext;
import org.springframework.batch.repeat.RepeatStatus;

/** Sleeps in slices of a second, each a commit that the step's history counts, then prints the time. */
class StampTasklet implements Tasklet {

	private static final String SLICES = "slices";

	private final String stepName;

	private final BatchProperties properties;

	StampTasklet(String stepName, BatchProperties properties) {
		this.stepName = stepName;
		this.properties = properties;
	}

	@Override
	public RepeatStatus execute(StepContribution contribution, ChunkContext chunk) throws InterruptedException {
		ExecutionContext context = chunk.getStepContext().getStepExecution().getExecutionContext();
		int done = context.getInt(SLICES, 0);
		if (done < properties.getSleep()) {
			Thread.sleep(1000L);
			context.putInt(SLICES, done + 1);
			return RepeatStatus.CONTINUABLE;
		}
		properties.failIfAsked(stepName);
		String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern(properties.getFormat()));
		System.out.println(stepName + ": " + now);
		return RepeatStatus.FINISHED;
	}
}
