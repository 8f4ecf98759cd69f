import { describe, expect, it } from '@jest/globals';
import type { KubernetesDataSource } from '../../configuration/configuration.js';
import { launch } from '../../../test/support/kubernetes-launch.js';
import { ApiClient } from './client/api-client.js';
import { ApiConnection } from './client/api-connection.js';
import { readConnectionSettings } from './client/connection-settings.js';
import { ClusterObjects } from './cluster-objects.js';
import { DataSourceHandOver } from './data-source-handover.js';
import { DataSourceSecret } from './data-source-secret.js';

const URL = { 'spring.datasource.url': 'jdbc:postgresql://db/x' };
const USER = { 'spring.datasource.username': 'scdf' };
const PASSWORD = { 'spring.datasource.password': 'geheim' };

const client = new ApiClient(new ApiConnection(readConnectionSettings('a', {}), {}), 1);
const own = new DataSourceSecret(client, new ClusterObjects(client, 'ns'), 'a', 'installation');
const existing: KubernetesDataSource = { way: 'existing-secret', secretName: 'db' };

describe('the hand-over of the data source', () => {
  it.each<
    [KubernetesDataSource, Record<string, string>, Record<string, string>, Record<string, string>, string | null]
  >([
    [{ way: 'secret' }, { ...URL, ...USER, ...PASSWORD }, {}, { ...URL, ...USER, ...PASSWORD }, own.name],
    [{ way: 'secret' }, {}, {}, {}, null],
    [{ way: 'properties' }, { ...URL, ...USER, ...PASSWORD }, { ...URL, ...USER, ...PASSWORD }, {}, null],
    [existing, { ...URL, ...USER, ...PASSWORD }, URL, { ...USER, ...PASSWORD }, 'db'],
    [existing, { ...URL, ...PASSWORD }, URL, PASSWORD, 'db'],
    [existing, URL, URL, {}, null],
  ])('%j of %j', (setting, dataSource, open, kept, secretName) => {
    const plan = new DataSourceHandOver(setting, own).plan({ ...launch, dataSource });
    expect(plan).toEqual({
      request: { ...launch, appProperties: { ...open, a: 'b' }, dataSource: kept },
      secretName,
    });
  });
});
