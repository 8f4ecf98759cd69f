/** The client settings of an account (`fabric8.*`, the names of SCDF's Java client): typed and checked. Pure. */
import type { AccountSettings, SettingsTree } from '../../../configuration/configuration.js';
import { UnusableSettingsError } from '../../../configuration/unusable-settings.js';

/** What an account says about the way to its API server; undefined parts come from the kubeconfig or the service account. */
export interface ConnectionSettings {
  /** Base URL of the API server, without trailing slash. */
  readonly masterUrl: string | undefined;
  /** Context of the kubeconfig; undefined: its current one. */
  readonly currentContext: string | undefined;
  readonly namespace: string | undefined;
  /** Accepts any server certificate. */
  readonly trustCerts: boolean;
  /** Accepts a server certificate for another host name. */
  readonly disableHostnameVerification: boolean;
  readonly ca: CredentialSource;
  readonly clientCertificate: CredentialSource;
  readonly clientKey: CredentialSource;
  readonly clientKeyPassphrase: string | undefined;
  readonly oauthToken: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** ms until the connection stands. */
  readonly connectionTimeout: number;
  /** ms until a request, other than a watch or a followed log, is answered in full. */
  readonly requestTimeout: number;
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Hosts, domains (`.example.org`) and addresses that are reached without a proxy. */
  readonly noProxy: readonly string[];
  readonly userAgent: string | undefined;
}

/** PEM material: a file, or data in base64 (a PEM text given in clear has been encoded). */
export interface CredentialSource {
  readonly file: string | undefined;
  readonly data: string | undefined;
}

/** Not the Java client's 10 s: a list of 500 pods from a busy API server may take longer. */
const REQUEST_TIMEOUT = 30_000;
const CONNECTION_TIMEOUT = 10_000;

/** Settings of the Java client that have no meaning here; a key store that is silently left out would be a riddle. */
const KEY_STORES = ['trustStoreFile', 'keyStoreFile'];

/**
 * @param settings the account's settings as bound; only `fabric8` is read
 * @throws UnusableSettingsError with the first value that cannot be used
 */
export function readConnectionSettings(accountName: string, settings: AccountSettings): ConnectionSettings {
  const prefix = `spring.cloud.dataflow.task.platform.kubernetes.accounts.${accountName}.fabric8`;
  const tree = settings['fabric8'] ?? {};
  if (typeof tree === 'string' || Array.isArray(tree)) {
    const allowed = "a group of settings such as 'master-url'";
    throw new UnusableSettingsError([{ property: prefix, found: undefined, allowed }]);
  }
  const reader = new SettingReader(prefix, tree as AccountSettings);
  for (const name of KEY_STORES) {
    if (reader.text(name) !== undefined) {
      reader.refuse(name, 'left out: Java key stores are not read. Give PEM files: ca-cert-file, client-cert-file');
    }
  }
  return {
    masterUrl: reader.url('masterUrl')?.replace(/\/+$/, ''),
    currentContext: reader.text('currentContext'),
    namespace: reader.text('namespace'),
    trustCerts: reader.flag('trustCerts'),
    disableHostnameVerification: reader.flag('disableHostnameVerification'),
    ca: reader.credential('caCert'),
    clientCertificate: reader.credential('clientCert'),
    clientKey: reader.credential('clientKey'),
    clientKeyPassphrase: reader.text('clientKeyPassphrase'),
    oauthToken: reader.text('oauthToken'),
    username: reader.text('username'),
    password: reader.text('password'),
    connectionTimeout: reader.milliseconds('connectionTimeout') ?? CONNECTION_TIMEOUT,
    requestTimeout: reader.milliseconds('requestTimeout') ?? REQUEST_TIMEOUT,
    httpProxy: reader.proxy('httpProxy'),
    httpsProxy: reader.proxy('httpsProxy'),
    noProxy: reader.list('noProxy'),
    userAgent: reader.text('userAgent'),
  };
}

/**
 * @param serverUrl of the API server
 * @returns the URL of the proxy through which the server is reached, or undefined for the direct way
 */
export function proxyFor(serverUrl: string, settings: ConnectionSettings): string | undefined {
  const { protocol, hostname } = new URL(serverUrl);
  const spared = settings.noProxy.some((entry) => {
    const domain = entry.replace(/^\*?\./, '');
    return hostname === domain || hostname.endsWith(`.${domain}`);
  });
  if (spared) return undefined;
  return protocol === 'http:' ? settings.httpProxy : (settings.httpsProxy ?? settings.httpProxy);
}

class SettingReader {
  constructor(
    private readonly prefix: string,
    private readonly tree: AccountSettings,
  ) {}

  text(name: string): string | undefined {
    const value: SettingsTree | undefined = this.tree[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return this.refuse(name, 'a single value');
    return value.trim() === '' ? undefined : value.trim();
  }

  list(name: string): readonly string[] {
    const value = this.tree[name];
    const entries = Array.isArray(value) ? value.map(String) : (this.text(name)?.split(',') ?? []);
    return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
  }

  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === 'false') return false;
    return value === 'true' || this.refuse(name, 'true or false');
  }

  milliseconds(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,9}$/.test(value)) return this.refuse(name, 'a whole number of milliseconds');
    // 0 is the Java client's word for «no limit»; a day is as good as none and never hangs.
    return Number(value) === 0 ? 86_400_000 : Number(value);
  }

  url(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const withScheme = /^https?:\/\//i.test(value) ? value : `https://${value}`;
    return URL.canParse(withScheme) ? withScheme : this.refuse(name, 'a URL such as https://api.example.org:6443');
  }

  proxy(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const withScheme = /^[a-z][a-z0-9+]*:\/\//i.test(value) ? value : `http://${value}`;
    const usable = URL.canParse(withScheme) && /^(https?|socks\w*):/i.test(withScheme);
    return usable ? withScheme : this.refuse(name, 'the URL of an HTTP or SOCKS proxy', false);
  }

  credential(name: string): CredentialSource {
    const data = this.text(`${name}Data`);
    const encoded = data?.includes('-----BEGIN') ? Buffer.from(data).toString('base64') : data;
    return { file: this.text(`${name}File`), data: encoded };
  }

  /** @param showsValue false where the value may hold a password */
  refuse(name: string, allowed: string, showsValue = true): never {
    const value = this.tree[name];
    const found = showsValue && typeof value === 'string' ? value : undefined;
    const property = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UnusableSettingsError([{ property: `${this.prefix}.${property}`, found, allowed }]);
  }
}
