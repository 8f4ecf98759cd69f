package io.millrace.samples.batch;

import org.springframework.batch.core.Job;
import org.springframework.batch.core.Step;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.item.ItemProcessor;
import org.springframework.batch.item.ItemReader;
import org.springframework.batch.item.ItemWriter;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** The job as Spring Batch 5 builds it. Boot 3 starts an application's job only if there is exactly one. */
@Configuration
class JobsConfiguration {

	private final JobRepository repository;

	private final PlatformTransactionManager transactions;

	/** Spring Cloud Task brings a transaction manager of its own; the steps want the application's. */
	JobsConfiguration(JobRepository repository,
			@Qualifier("transactionManager") PlatformTransactionManager transactions) {
		this.repository = repository;
		this.transactions = transactions;
	}

	@Bean
	Job job1(Step stampStep, Step itemStep) {
		return new JobBuilder("job1", repository).start(stampStep).next(itemStep).build();
	}

	@Bean
	Step stampStep(BatchProperties properties) {
		String name = "job1step1";
		return new StepBuilder(name, repository).tasklet(new StampTasklet(name, properties), transactions).build();
	}

	@Bean
	Step itemStep(ItemReader<Item> reader, ItemProcessor<Item, Item> processor, ItemWriter<Item> writer) {
		return new StepBuilder(ItemProcessing.STEP, repository)
				.<Item, Item>chunk(ItemProcessing.CHUNK, transactions)
				.reader(reader)
				.processor(processor)
				.writer(writer)
				.build();
	}
}
