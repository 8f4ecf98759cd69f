/** Where the jars of test/compat/applications lie in the built project. */
export const JARS = {
  stamp: 'timestamp-boot2/target/timestamp-task-1.0.0.jar',
  stamp3: 'timestamp-boot3/target/timestamp-task3-1.0.0.jar',
  items: 'timestamp-batch-boot2/target/timestamp-batch-task-1.0.0.jar',
  items3: 'timestamp-batch-boot3/target/timestamp-batch-task3-1.0.0.jar',
} as const;

/** The sample applications of each generation, and what differs in their use. */
export const generations = [
  {
    generation: 'Boot 2',
    bootVersion: '2',
    schemaTarget: 'boot2',
    timestamp: JARS.stamp,
    batch: JARS.items,
    /** Of one run of the batch application. */
    jobs: ['job1', 'job2'],
    runId: (id: number) => `run.id(long)=${id}`,
    /** Property that names the only job to run. */
    jobName: 'spring.batch.job.names',
  },
  {
    generation: 'Boot 3',
    bootVersion: '3',
    schemaTarget: 'boot3',
    timestamp: JARS.stamp3,
    batch: JARS.items3,
    jobs: ['job1'],
    runId: (id: number) => `run.id=${id},java.lang.Long`,
    jobName: 'spring.batch.job.name',
  },
] as const;
