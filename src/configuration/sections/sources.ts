import { bool, text, textList } from '../property-types.js';
import { optionalProperty, property, propertyGroup } from '../property.js';
import { TEXT_MAP } from '../tree-shapes.js';

/** The settings that decide which other settings there are; they come from arguments, SPRING_APPLICATION_JSON and the environment. */
export const sourceProperties = {
  activeProfiles: property('spring.profiles.active', {
    type: textList,
    default: '',
    meaning:
      'Profiles whose files and documents count; `kubernetes` (inside a cluster) or `local` is added unless `kubernetes` is named.',
  }),
  includedProfiles: property('spring.profiles.include', {
    type: textList,
    default: '',
    meaning: 'Profiles that are active besides.',
  }),
  profileGroups: propertyGroup('spring.profiles.group', TEXT_MAP, 'Profiles that a profile brings with it.'),
  location: property('spring.config.location', {
    type: textList,
    default: '',
    meaning: 'Files and directories (with / at the end) to read instead of the usual places.',
  }),
  additionalLocation: property('spring.config.additional-location', {
    type: textList,
    default: '',
    meaning: 'Files and directories to read besides, above the usual places.',
  }),
  names: property('spring.config.name', {
    type: textList,
    default: 'application',
    meaning: 'Names of the files to look for in directories.',
  }),
  imports: property('spring.config.import', {
    type: textList,
    default: '',
    meaning:
      'Files (`optional:file:…`) and config trees (`optional:configtree:/etc/secrets/`) to read besides; also within a file.',
  }),
  ignoreProfileListener: property('spring.cloud.dataflow.server.profileapplicationlistener.ignore', {
    type: bool,
    default: 'false',
    meaning: 'Whether no profile is added to those set.',
  }),
  secretsEnabled: property('spring.cloud.kubernetes.secrets.enabled', {
    type: bool,
    default: 'true',
    meaning: 'Whether `secrets.paths` is read.',
  }),
  secretsPaths: property('spring.cloud.kubernetes.secrets.paths', {
    type: textList,
    default: '',
    meaning:
      'Directories of mounted Secrets, read with profile `kubernetes`: each file is a property of the file’s name.',
  }),
  configPaths: property('spring.cloud.kubernetes.config.paths', {
    type: textList,
    default: '',
    meaning: 'Files of mounted ConfigMaps, read with profile `kubernetes`.',
  }),
  kubernetesConfigName: optionalProperty('spring.cloud.kubernetes.config.name', {
    type: text,
    meaning: 'Accepted with a warning: ConfigMaps are read as mounted files, not through the Kubernetes API.',
  }),
} as const;
