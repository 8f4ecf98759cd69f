package io.millrace.samples.timestamp;

import org.springframework.cloud.task.listener.TaskExecutionListener;
import org.springframework.cloud.task.repository.TaskExecution;
import org.springframework.stereotype.Component;

/** Reports the configured exit message: what a composed task's transition compares with. */
@Component
class ExitMessageListener implements TaskExecutionListener {

	private final TimestampProperties properties;

	ExitMessageListener(TimestampProperties properties) {
		this.properties = properties;
	}

	@Override
	public void onTaskStartup(TaskExecution execution) {
		// Nothing is known yet.
	}

	@Override
	public void onTaskEnd(TaskExecution execution) {
		if (properties.getExitMessage() != null) {
			execution.setExitMessage(properties.getExitMessage());
		}
	}

	@Override
	public void onTaskFailed(TaskExecution execution, Throwable cause) {
		// The error message is enough.
	}
}
