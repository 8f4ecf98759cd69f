import { afterAll, beforeAll, expect } from '@jest/globals';
import { BatchV1Api } from '@kubernetes/client-node';
import { kubeConfigOf } from '../support/cluster.js';
import { loadServerImage } from '../support/cluster-images.js';
import { ClusterServer } from '../support/cluster-server.js';
import { describeWithCluster, itWithImages, usedCluster } from '../support/cluster-suites.js';
import { openToPods, type PodAccess } from '../support/pod-access.js';
import type { TaskExecution } from '../support/server-client.js';
import { eventually } from '../support/workbench.js';

describeWithCluster('the runner of composed tasks in a pod of its own', () => {
  let server: ClusterServer;
  let access: PodAccess | undefined;

  beforeAll(async () => {
    server = await ClusterServer.open(usedCluster);
  });
  afterAll(async () => {
    await access?.close();
    await server?.close();
  });

  itWithImages(
    'is started by a CronJob, and runs the children through the server',
    async () => {
      const image = await loadServerImage(usedCluster);
      access = await openToPods(usedCluster, Number(new URL(server.server.baseUrl).port));
      await server.client.define('nightly', 'load: busybox && report: busybox');
      const namespace = server.namespaceOf();
      const { url, username, password } = server.dataSourceForPods;
      const command = 'kubernetes.container-command=true';
      const settings = [
        'compose',
        '--spring.cloud.task.name=nightly',
        '--graph=nightly-load && nightly-report',
        `--dataflow-server-uri=http://${access.host}:${access.port}`,
        `--composed-task-properties=deployer.nightly-load.deployer.busybox.${command}, deployer.nightly-report.deployer.busybox.${command}`,
      ];
      const env = Object.entries({
        SPRING_DATASOURCE_URL: url,
        SPRING_DATASOURCE_USERNAME: username,
        SPRING_DATASOURCE_PASSWORD: password,
      }).map(([name, value]) => ({ name, value }));
      await kubeConfigOf(usedCluster)
        .makeApiClient(BatchV1Api)
        .createNamespacedCronJob({
          namespace,
          body: {
            metadata: { name: 'nightly' },
            spec: {
              schedule: '* * * * *',
              concurrencyPolicy: 'Forbid',
              jobTemplate: {
                spec: {
                  backoffLimit: 0,
                  template: {
                    spec: { restartPolicy: 'Never', containers: [{ name: 'runner', image, args: settings, env }] },
                  },
                },
              },
            },
          },
        });

      const executions = () =>
        server.client.list<TaskExecution & { parentExecutionId: number | null }>(
          '/tasks/executions?size=100&sort=TASK_EXECUTION_ID,ASC',
        );
      const found = await eventually(
        executions,
        (all) => all.some(({ taskName, endTime }) => taskName === 'nightly' && endTime !== null),
        180_000,
      );
      const run = found.find(({ taskName, endTime }) => taskName === 'nightly' && endTime !== null);
      expect(run).toMatchObject({ taskExecutionStatus: 'COMPLETE', exitCode: 0, errorMessage: null });
      const children = found.filter(({ parentExecutionId }) => parentExecutionId === run?.executionId);
      expect(children.map(({ taskName, taskExecutionStatus }) => `${taskName} ${taskExecutionStatus}`)).toEqual([
        'nightly-load COMPLETE',
        'nightly-report COMPLETE',
      ]);
      const steps = await server.client.list<{ stepExecution: { stepName: string; status: string } }>(
        `/jobs/executions/${run?.jobExecutionIds[0]}/steps?schemaTarget=boot2`,
      );
      expect(steps.map(({ stepExecution: { stepName, status } }) => `${stepName} ${status}`)).toEqual([
        'nightly-load_0 COMPLETED',
        'nightly-report_0 COMPLETED',
      ]);
    },
    300_000,
  );
});
