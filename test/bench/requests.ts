import type { BenchDatabase } from './bench-database.js';
import { FIRST_ID, RARE_TASK, TASK_NAMES } from './history.js';

/** A request of the comparison. */
export interface BenchRequest {
  readonly what: string;
  /** Path and query, the same for both servers. */
  readonly target: string;
  /** What SCDF does not have is asked of Millrace only. */
  readonly millraceOnly?: boolean;
}

/** The requests; ids are of executions in the middle of the history. */
export async function benchRequests(database: BenchDatabase): Promise<readonly BenchRequest[]> {
  const [common = ''] = TASK_NAMES;
  const [row] = await database.query<{ job: number; step: number; name: string }>(
    `select e.job_execution_id as job, i.job_name as name,
            (select max(step_execution_id) from boot3_batch_step_execution s where s.job_execution_id = e.job_execution_id) as step
       from boot3_batch_job_execution e join boot3_batch_job_instance i using (job_instance_id)
      where e.job_execution_id >= (select (max(job_execution_id) + ${FIRST_ID}) / 2 from boot3_batch_job_execution) and i.job_name = '${common}-job'
      order by 1 limit 1`,
  );
  if (row === undefined) throw new Error(`the database ${database.name} has no job executions`);
  const { job, step } = row;
  const target = 'schemaTarget=boot3';
  return [
    { what: 'task executions, first page', target: '/tasks/executions?page=0&size=20' },
    { what: 'task executions, page 500', target: '/tasks/executions?page=499&size=20' },
    { what: 'task executions by a common name', target: `/tasks/executions?name=${common}&page=0&size=20` },
    { what: 'task executions by a rare name', target: `/tasks/executions?name=${RARE_TASK}&page=0&size=20` },
    ...['ERROR', 'COMPLETE', 'RUNNING'].map((status) => ({
      what: `task executions by status ${status}`,
      target: `/tasks/executions?status=${status}&page=0&size=20`,
      millraceOnly: true,
    })),
    {
      what: 'task executions by name and status',
      target: `/tasks/executions?name=${common}&status=ERROR&page=0&size=20`,
      millraceOnly: true,
    },
    { what: 'task executions by exit code', target: '/tasks/executions?sort=EXIT_CODE,desc&page=0&size=20' },
    { what: 'one task execution', target: `/tasks/executions/${job}?${target}` },
    { what: 'thin task executions, first page', target: '/tasks/thinexecutions?page=0&size=20' },
    { what: 'thin task executions, page 500', target: '/tasks/thinexecutions?page=499&size=20' },
    { what: 'number of task executions', target: '/tasks/info/executions' },
    { what: '200 task definitions', target: '/tasks/definitions?page=0&size=200' },
    { what: 'job executions, first page', target: '/jobs/executions?page=0&size=20' },
    { what: 'job executions, page 500', target: '/jobs/executions?page=499&size=20' },
    { what: 'job executions by a common name', target: `/jobs/executions?name=${common}-job&page=0&size=20` },
    { what: 'job executions by a rare name', target: `/jobs/executions?name=${RARE_TASK}-job&page=0&size=20` },
    { what: 'job executions by status FAILED', target: '/jobs/executions?status=FAILED&page=0&size=20' },
    { what: 'job executions by status COMPLETED', target: '/jobs/executions?status=COMPLETED&page=0&size=20' },
    { what: 'thin job executions, first page', target: '/jobs/thinexecutions?page=0&size=20' },
    { what: 'thin job executions, page 500', target: '/jobs/thinexecutions?page=499&size=20' },
    { what: 'one job execution', target: `/jobs/executions/${job}?${target}` },
    { what: 'job instances by name', target: `/jobs/instances?name=${common}-job&page=0&size=20` },
    { what: 'steps of a job execution', target: `/jobs/executions/${job}/steps?${target}` },
    { what: 'progress of a step', target: `/jobs/executions/${job}/steps/${step}/progress?${target}` },
  ];
}
