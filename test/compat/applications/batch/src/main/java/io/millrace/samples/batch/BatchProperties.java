package io.millrace.samples.batch;

import java.io.File;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** The texts on the fields become the descriptions in the application's configuration metadata. */
@ConfigurationProperties("timestamp.batch")
public class BatchProperties {

	/**
	 * The timestamp format, "yyyy-MM-dd HH:mm:ss.SSS" by default.
	 */
	private String format = "yyyy-MM-dd HH:mm:ss.SSS";

	/**
	 * Name of the step that fails (job1step1, job1step2, job2step1).
	 */
	private String failStep = "";

	/**
	 * Path of a file; the failing step only fails while it does not exist.
	 */
	private String okFile = "";

	/**
	 * Seconds the first step of each job takes (in slices of one second).
	 */
	private int sleep = 0;

	/** Throws if the step is the one that shall fail and nothing has put that right in the meantime. */
	void failIfAsked(String stepName) {
		boolean putRight = !okFile.isEmpty() && new File(okFile).exists();
		if (stepName.equals(failStep) && !putRight) {
			throw new IllegalStateException("step " + stepName + " was asked to fail");
		}
	}

	public String getFormat() {
		return format;
	}

	public void setFormat(String format) {
		this.format = format;
	}

	public String getFailStep() {
		return failStep;
	}

	public void setFailStep(String failStep) {
		this.failStep = failStep;
	}

	public String getOkFile() {
		return okFile;
	}

	public void setOkFile(String okFile) {
		this.okFile = okFile;
	}

	public int getSleep() {
		return sleep;
	}

	public void setSleep(int sleep) {
		this.sleep = sleep;
	}
}
