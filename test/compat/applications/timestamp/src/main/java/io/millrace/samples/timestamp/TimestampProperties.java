package io.millrace.samples.timestamp;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** The texts on the fields become the descriptions in the application's configuration metadata. */
@ConfigurationProperties("timestamp")
public class TimestampProperties {

	/**
	 * The timestamp format, "yyyy-MM-dd HH:mm:ss.SSS" by default.
	 */
	private String format = "yyyy-MM-dd HH:mm:ss.SSS";

	/**
	 * Seconds to sleep before ending.
	 */
	private int sleep = 0;

	/**
	 * Whether the task fails with an exception.
	 */
	private boolean fail = false;

	/**
	 * The exit message the task reports.
	 */
	private String exitMessage;

	public String getFormat() {
		return format;
	}

	public void setFormat(String format) {
		this.format = format;
	}

	public int getSleep() {
		return sleep;
	}

	public void setSleep(int sleep) {
		this.sleep = sleep;
	}

	public boolean isFail() {
		return fail;
	}

	public void setFail(boolean fail) {
		this.fail = fail;
	}

	public String getExitMessage() {
		return exitMessage;
	}

	public void setExitMessage(String exitMessage) {
		this.exitMessage = exitMessage;
	}
}
