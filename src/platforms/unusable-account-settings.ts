/** What is wrong with the settings of the platform accounts, found before anything is started. */
import type { AccountSettings, MillraceConfiguration } from '../configuration/configuration.js';
import { type UnusableSetting, UnusableSettingsError } from '../configuration/unusable-settings.js';

type Read = (accountName: string, settings: AccountSettings) => unknown;

/**
 * Reads every account as its platform will; what an account's cluster or machine says to it is not asked. A platform's code is loaded
 * only where an account of it has settings.
 */
export async function unusableAccountSettings({
  platforms: { local, kubernetes },
}: MillraceConfiguration): Promise<readonly UnusableSetting[]> {
  return [
    ...(await unusableOf(local, localReaders)),
    ...(await unusableOf(kubernetes, kubernetesReaders)),
    ...sharedNames(local, kubernetes),
  ];
}

async function unusableOf(
  accounts: Readonly<Record<string, AccountSettings>>,
  readers: () => Promise<readonly Read[]>,
): Promise<readonly UnusableSetting[]> {
  const withSettings = Object.entries(accounts).filter(([, settings]) => Object.keys(settings).length > 0);
  if (withSettings.length === 0) return [];
  const reads = await readers();
  return withSettings.flatMap(([name, settings]) => reads.flatMap((read) => complaintsOf(() => read(name, settings))));
}

async function localReaders(): Promise<readonly Read[]> {
  const { parseLocalAccount } = await import('./local/local-account.js');
  return [(accountName, settings) => parseLocalAccount(settings, { accountName, warn: () => undefined })];
}

async function kubernetesReaders(): Promise<readonly Read[]> {
  const { readAccount } = await import('./kubernetes/specs/account.js');
  const { readConnectionSettings } = await import('./kubernetes/client/connection-settings.js');
  return [readAccount, readConnectionSettings];
}

function complaintsOf(read: () => unknown): readonly UnusableSetting[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof UnusableSettingsError) return error.settings;
    throw error;
  }
}

/** A launch names its account by the name alone, so a name that two platforms have would be a guess. */
function sharedNames(local: object, kubernetes: object): readonly UnusableSetting[] {
  return Object.keys(local)
    .filter((name) => Object.hasOwn(kubernetes, name))
    .map((name) => ({
      property: `spring.cloud.dataflow.task.platform.kubernetes.accounts.${name}`,
      found: undefined,
      allowed: `an account with a name of its own; an account of the Local platform is named '${name}' too`,
    }));
}
