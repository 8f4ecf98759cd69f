package io.millrace.samples.batch;

import java.io.File;

import javax.sql.DataSource;

import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.item.ItemProcessor;
import org.springframework.batch.item.database.JdbcBatchItemWriter;
import org.springframework.batch.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.item.file.FlatFileItemReader;
import org.springframework.batch.item.file.builder.FlatFileItemReaderBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * The chunk step: seven lines of CSV in, six rows of the database out ({@code c} is filtered), {@code e} is where the step
 * fails if it is asked to. The reader keeps no state, so a restarted step begins with the first line again; the rows bear
 * the job execution, so the restart collides with nothing.
 */
@Configuration
class ItemProcessing {

	static final String STEP = "job1step2";

	static final int CHUNK = 3;

	@Bean
	FlatFileItemReader<Item> reader() {
		return new FlatFileItemReaderBuilder<Item>()
				.resource(new ClassPathResource("items.csv"))
				.linesToSkip(1)
				.saveState(false)
				.delimited()
				.names("name", "amount")
				.targetType(Item.class)
				.build();
	}

	/** A hold file is no property of its own, so that the metadata stays as recorded: the step waits until the file exists. */
	@Bean
	ItemProcessor<Item, Item> processor(BatchProperties properties, @Value("${sample.hold-file:}") String holdFile) {
		return item -> {
			if (item.getName().equals("e")) {
				while (!holdFile.isEmpty() && !new File(holdFile).exists()) {
					Thread.sleep(100L);
				}
				properties.failIfAsked(STEP);
			}
			return item.getName().equals("c") ? null : item;
		};
	}

	/** Job execution ids of the two generations count separately, so the generation belongs to the key. */
	@Bean
	@StepScope
	JdbcBatchItemWriter<Item> writer(DataSource database,
			@Value("#{stepExecution.jobExecutionId}") Long jobExecution) {
		new JdbcTemplate(database).execute("create table if not exists sample_item ("
				+ "spring_boot varchar(20) not null, job_execution bigint not null, name varchar(100) not null, "
				+ "amount integer not null, primary key (spring_boot, job_execution, name))");
		return new JdbcBatchItemWriterBuilder<Item>()
				.dataSource(database)
				.sql("insert into sample_item (spring_boot, job_execution, name, amount) "
						+ "values (:springBoot, :jobExecution, :name, :amount)")
				.itemSqlParameterSourceProvider(item -> new MapSqlParameterSource()
						.addValue("springBoot", SpringBootVersion.getVersion())
						.addValue("jobExecution", jobExecution)
						.addValue("name", item.getName())
						.addValue("amount", item.getAmount()))
				.build();
	}
}
