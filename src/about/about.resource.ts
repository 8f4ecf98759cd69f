import { z } from 'zod';
import { LinksSchema } from '../representation/resource.js';

const dashboardType = z.enum(['NONE', 'GRAFANA', 'WAVEFRONT']);

const VersionSchema = z.object({ name: z.string(), version: z.string(), url: z.string().optional() });

const security = {
  authenticationEnabled: z.boolean(),
  authenticated: z.boolean(),
  username: z.string().nullable(),
  roles: z.array(z.string()),
};

/** A platform account on `/about`. `platformSpecificInfo` is never null: SCDF's shell calls a method on it. */
export const DeployerDetails = z
  .object({
    deployerImplementationVersion: z.string().nullable(),
    deployerName: z.string().nullable(),
    deployerSpiVersion: z.string().nullable(),
    javaVersion: z.string().nullable(),
    platformApiVersion: z.string().nullable(),
    platformClientVersion: z.string().nullable(),
    platformHostVersion: z.string().nullable(),
    platformSpecificInfo: z.record(z.string(), z.string()),
    platformType: z.string().nullable(),
    springBootVersion: z.string().nullable(),
    springVersion: z.string().nullable(),
  })
  .meta({ id: 'DeployerDetails' });

/** Who is signed in. */
export const SecurityInfoSchema = z.object({ ...security, _links: LinksSchema }).meta({ id: 'SecurityInfo' });

/** Which commit was built, and when. */
export const GitAndBuildInfoSchema = z
  .object({
    git: z.object({ branch: z.string(), commit: z.object({ id: z.string(), time: z.string() }) }),
    build: z.object({
      artifact: z.string(),
      name: z.string(),
      time: z.string(),
      version: z.string(),
      group: z.string(),
    }),
  })
  .meta({ id: 'GitAndBuildInfo' });

/** `GET /about`. SCDF's dashboard needs every part of it to start. */
export const AboutSchema = z
  .object({
    featureInfo: z.object({
      analyticsEnabled: z.boolean(),
      streamsEnabled: z.boolean(),
      tasksEnabled: z.boolean(),
      schedulesEnabled: z.boolean(),
      monitoringDashboardType: dashboardType,
    }),
    versionInfo: z.object({
      implementation: VersionSchema,
      core: VersionSchema,
      dashboard: VersionSchema,
      shell: VersionSchema,
    }),
    securityInfo: z.object(security),
    runtimeEnvironment: z.object({ appDeployer: DeployerDetails, taskLaunchers: z.array(DeployerDetails) }),
    monitoringDashboardInfo: z.object({
      url: z.string(),
      refreshInterval: z.number(),
      dashboardType,
      source: z.string(),
    }),
    gitAndBuildInfo: GitAndBuildInfoSchema,
    _links: LinksSchema,
  })
  .meta({ id: 'About' });
