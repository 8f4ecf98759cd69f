/** The deployer properties of probes: three probes, three ways each, and the spellings of older versions. Pure. */
import type { SettingsTree } from '../../../configuration/configuration.js';
import { commandLine } from './pairs.js';
import { PROBE_NAMES, type ProbeName, type SettingsDraft } from './settings.js';
import { integer, INT32, oneOf, port, seconds, text } from './values.js';

type Bind = (draft: SettingsDraft, value: SettingsTree) => void;

const SCHEMES = ['HTTP', 'HTTPS'] as const;
const TIMINGS = ['Delay', 'Period', 'Timeout', 'Success', 'Failure'] as const;

const readTiming: Readonly<Record<(typeof TIMINGS)[number], (value: SettingsTree) => number>> = {
  Delay: (value) => seconds(value),
  Period: (value) => seconds(value, 1),
  Timeout: (value) => seconds(value, 1),
  Success: (value) => integer(value, 1, INT32),
  Failure: (value) => integer(value, 1, INT32),
};

/** Names to what they set, the names of one probe after those of another. */
export const PROBE_PROPERTIES: Readonly<Record<string, Bind>> = Object.fromEntries(PROBE_NAMES.flatMap(propertiesOf));

/** Old spellings to what they set where the new one is not used: `livenessProbePath` for `livenessHttpProbePath`. */
export const OLD_PROBE_PROPERTIES: Readonly<Record<string, Bind>> = Object.fromEntries(
  PROBE_NAMES.flatMap((probe): [string, Bind][] => [
    ...(['Path', 'Port', 'Scheme'] as const).map((field): [string, Bind] => [
      `${probe}Probe${field}`,
      httpField(probe, field),
    ]),
    ...TIMINGS.map((timing): [string, Bind] => [`${probe}Probe${timing}`, timingField(probe, 'http', timing)]),
  ]),
);

function propertiesOf(probe: ProbeName): [string, Bind][] {
  return [
    [`${probe}HttpProbePath`, httpField(probe, 'Path')],
    [`${probe}HttpProbePort`, httpField(probe, 'Port')],
    [`${probe}HttpProbeScheme`, httpField(probe, 'Scheme')],
    [`${probe}TcpProbePort`, (draft, value) => (draft.probes[probe].tcp.port = port(value))],
    [`${probe}CommandProbeCommand`, (draft, value) => (draft.probes[probe].command.command = commandLine(value))],
    ...(['http', 'tcp', 'command'] as const).flatMap((way) =>
      TIMINGS.map((timing): [string, Bind] => [
        `${probe}${way.charAt(0).toUpperCase()}${way.slice(1)}Probe${timing}`,
        timingField(probe, way, timing),
      ]),
    ),
  ];
}

function httpField(probe: ProbeName, field: 'Path' | 'Port' | 'Scheme'): Bind {
  return (draft, value) => {
    const { http } = draft.probes[probe];
    if (field === 'Path') http.path = text(value);
    else if (field === 'Port') http.port = port(value);
    else http.scheme = oneOf(value, SCHEMES);
  };
}

function timingField(probe: ProbeName, way: 'http' | 'tcp' | 'command', timing: (typeof TIMINGS)[number]): Bind {
  const name = timing.toLowerCase() as Lowercase<typeof timing>;
  return (draft, value) => (draft.probes[probe][way][name] = readTiming[timing](value));
}
