package io.millrace.samples.batch;

import org.springframework.batch.core.Job;
import org.springframework.batch.core.Step;
import org.springframework.batch.core.configuration.annotation.EnableBatchProcessing;
import org.springframework.batch.core.configuration.annotation.JobBuilderFactory;
import org.springframework.batch.core.configuration.annotation.StepBuilderFactory;
import org.springframework.batch.item.ItemProcessor;
import org.springframework.batch.item.ItemReader;
import org.springframework.batch.item.ItemWriter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The jobs as Spring Batch 4 builds them: two of them in one application. */
@Configuration
@EnableBatchProcessing
class JobsConfiguration {

	private final JobBuilderFactory jobs;

	private final StepBuilderFactory steps;

	private final BatchProperties properties;

	JobsConfiguration(JobBuilderFactory jobs, StepBuilderFactory steps, BatchProperties properties) {
		this.jobs = jobs;
		this.steps = steps;
		this.properties = properties;
	}

	@Bean
	Job job1(Step itemStep) {
		return jobs.get("job1").start(stampStep("job1step1")).next(itemStep).build();
	}

	@Bean
	Job job2() {
		return jobs.get("job2").start(stampStep("job2step1")).build();
	}

	@Bean
	Step itemStep(ItemReader<Item> reader, ItemProcessor<Item, Item> processor, ItemWriter<Item> writer) {
		return steps.get(ItemProcessing.STEP)
				.<Item, Item>chunk(ItemProcessing.CHUNK)
				.reader(reader)
				.processor(processor)
				.writer(writer)
				.build();
	}

	private Step stampStep(String name) {
		return steps.get(name).tasklet(new StampTasklet(name, properties)).build();
	}
}
