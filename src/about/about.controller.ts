import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { CONFIGURATION, type MillraceConfiguration } from '../configuration/configuration.js';
import { PlatformRegistry } from '../platforms/platform-registry.js';
import type { TaskPlatform } from '../platforms/platform.js';
import { link } from '../representation/links.js';
import { Operation } from '../representation/operation.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { AboutSchema, SecurityInfoSchema, type DeployerDetails } from './about.resource.js';
import { BUILD, gitAndBuildInfo } from './build.js';

/** The SCDF release whose API this server speaks; clients compare it to decide what they may call. */
const COMPATIBLE_VERSION = '2.11.5';

/** What SCDF shows without a Wavefront dashboard. */
const DEFAULT_SOURCE = 'default-scdf-source';

const NO_DEPLOYER: z.infer<typeof DeployerDetails> = {
  deployerImplementationVersion: null,
  deployerName: null,
  deployerSpiVersion: null,
  javaVersion: null,
  platformApiVersion: null,
  platformClientVersion: null,
  platformHostVersion: null,
  platformSpecificInfo: {},
  platformType: null,
  springBootVersion: null,
  springVersion: null,
};

/** `/about` and `/security/info`: what this server is, and who is asking. */
@Controller()
export class AboutController {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: MillraceConfiguration,
    private readonly platforms: PlatformRegistry,
  ) {}

  @Get('about')
  @Operation({ summary: 'Show versions, features and platforms', answer: AboutSchema })
  about(@Frame() frame: RequestFrame): z.infer<typeof AboutSchema> {
    const { features, monitoringDashboard } = this.configuration;
    return {
      featureInfo: {
        analyticsEnabled: true,
        streamsEnabled: false,
        tasksEnabled: features.tasksEnabled,
        schedulesEnabled: features.schedulesEnabled,
        monitoringDashboardType: monitoringDashboard.type,
      },
      versionInfo: {
        implementation: { name: 'spring-cloud-dataflow-server', version: COMPATIBLE_VERSION },
        core: { name: 'Spring Cloud Data Flow Core', version: COMPATIBLE_VERSION },
        dashboard: { name: 'Millrace Dashboard', version: BUILD.version },
        shell: { name: 'Millrace Shell', version: BUILD.version },
      },
      securityInfo: SECURITY_OFF,
      runtimeEnvironment: {
        appDeployer: NO_DEPLOYER,
        taskLaunchers: this.platforms.all().map(deployerDetails),
      },
      monitoringDashboardInfo: {
        url: monitoringDashboard.url,
        refreshInterval: monitoringDashboard.refreshInterval,
        dashboardType: monitoringDashboard.type,
        source: monitoringDashboard.source || DEFAULT_SOURCE,
      },
      gitAndBuildInfo: gitAndBuildInfo(),
      _links: { self: link(`${frame.baseUrl}/about`) },
    };
  }

  @Get('security/info')
  @Operation({ summary: 'Show who is signed in', answer: SecurityInfoSchema })
  securityInfo(@Frame() frame: RequestFrame): z.infer<typeof SecurityInfoSchema> {
    return { ...SECURITY_OFF, _links: { self: link(`${frame.baseUrl}/security/info`) } };
  }
}

const SECURITY_OFF = { authenticationEnabled: false, authenticated: false, username: null, roles: [] };

function deployerDetails(platform: TaskPlatform): z.infer<typeof DeployerDetails> {
  return {
    ...NO_DEPLOYER,
    deployerImplementationVersion: BUILD.version,
    deployerSpiVersion: BUILD.version,
    javaVersion: `Node.js ${process.versions.node}`,
    springBootVersion: '',
    springVersion: '',
    platformType: platform.type,
    ...platform.environment,
  };
}
