/** The deployer properties of the Local platform as SCDF's `tasks/platforms` lists them, in its order and with its texts. */
import type { PlatformOption } from '../platform.js';
import type { LocalSettings } from './local-settings.js';

const PREFIX = 'spring.cloud.deployer.local.';
const STRING = 'java.lang.String';
const INTEGER = 'java.lang.Integer';
const BOOLEAN = 'java.lang.Boolean';

const PORT_LOW = "Lower bound for computing applications's random port.";
const PORT_HIGH = "Upper bound for computing applications's random port.";

/** Full name below the prefix, Java type, default value, description. Launch forms and shells match on these texts. */
const LISTED: readonly (readonly [string, string, unknown, string | null])[] = [
  ['docker.network', STRING, 'bridge', 'Container network'],
  ['docker.volume-mounts', STRING, null, 'Set volume mappings'],
  ['docker.port-mappings', STRING, null, 'Set port mappings for container'],
  ['docker.additional-hosts', STRING, null, 'Set additional hosts'],
  ['docker.delete-container-on-exit', BOOLEAN, true, 'Whether to delete the container on container exit.'],
  ['docker.port-range.low', INTEGER, 20000, PORT_LOW],
  ['docker.port-range.high', INTEGER, 61000, PORT_HIGH],
  ['port-range.high', INTEGER, 61000, PORT_HIGH],
  ['port-range.low', INTEGER, 20000, PORT_LOW],
  ['health-probe.path', STRING, null, 'Path to check as a probe'],
  [
    'working-directories-root',
    'java.nio.file.Path',
    null,
    'Directory in which all created processes will run and create log files.',
  ],
  [
    'use-spring-application-json',
    BOOLEAN,
    true,
    'Flag to indicate whether application properties are passed as command line args or in a SPRING_APPLICATION_JSON environment variable. Default value is {@code true}.',
  ],
  [
    'env-vars-to-inherit',
    'java.lang.String[]',
    null,
    'Array of regular expression patterns for environment variables that should be passed to launched applications.',
  ],
  [
    'shutdown-timeout',
    INTEGER,
    30,
    'Maximum number of seconds to wait for application shutdown. via the {@code /shutdown} endpoint. A timeout value of 0 specifies an infinite timeout. Default is 30 seconds.',
  ],
  [
    'debug-suspend',
    'org.springframework.cloud.deployer.spi.local.LocalDeployerProperties$DebugSuspendType',
    null,
    'Suspend defines whether the JVM should suspend and wait for a debugger to attach or not',
  ],
  ['java-opts', STRING, null, 'The Java Options to pass to the JVM, e.g -Dtest=foo'],
  ['java-home-path', 'java.util.Map<java.lang.String,java.lang.String>', null, null],
  ['inherit-logging', BOOLEAN, false, null],
  ['app-admin', 'org.springframework.cloud.deployer.spi.app.AppAdmin', null, null],
  [
    'debug-port',
    INTEGER,
    null,
    'Set remote debugging port for JDK 8 runtimes. @deprecated Use the {@link #debugAddress} instead!',
  ],
  ['delete-files-on-exit', BOOLEAN, true, 'Whether to delete created files and directories on JVM exit.'],
  [
    'hostname',
    STRING,
    null,
    '(optional) hostname to use when computing the URL of the deployed application. By default the {@link CommandBuilder} implementations decide how to build the hostname.',
  ],
  ['java-cmd', STRING, null, 'The command to run java.'],
  [
    'debug-address',
    STRING,
    null,
    'Debugging address for the remote clients to attache to. Addresses have the format "<name>:<port>" where <name> is the host name and <port> is the socket port number at which it attaches or listens. For JDK 8 or earlier, the address consists of the port number alone (the host name is implicit to localhost). Example addresses for JDK version 9 or higher: <code>*:20075, 192.168.178.10:20075</code>. Example addresses for JDK version 8 or earlier: <code>20075</code>.',
  ],
  ['startup-probe.path', STRING, null, 'Path to check as a probe'],
];

/** SCDF's option list; `name` is the last part of the full name. */
export const LOCAL_PLATFORM_OPTIONS: readonly PlatformOption[] = LISTED.map(
  ([name, type, defaultValue, description]) => ({
    id: PREFIX + name,
    name: name.slice(name.lastIndexOf('.') + 1),
    type,
    description,
    defaultValue,
  }),
);

/** SCDF's description line of a Local account. */
export function describeLocalAccount(settings: LocalSettings, workingDirectoriesRoot: string): string {
  return [
    `ShutdownTimeout = [${settings.shutdownTimeout}]`,
    `EnvVarsToInherit = [${settings.envVarsToInherit.join(',')}]`,
    `JavaCmd = [${settings.javaCmd ?? 'java'}]`,
    `WorkingDirectoriesRoot = [${workingDirectoriesRoot}]`,
    `DeleteFilesOnExit = [${settings.deleteFilesOnExit}]`,
  ].join(', ');
}
