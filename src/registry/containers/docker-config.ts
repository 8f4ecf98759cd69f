import { z } from 'zod';

/** A registry's entry of a pull secret. */
export interface PullSecretEntry {
  /** As written: a host, or a URL like `https://index.docker.io/v1/`. */
  readonly server: string;
  /** `host` or `host:port` of the server. */
  readonly host: string;
  readonly user: string | undefined;
  readonly secret: string | undefined;
}

const Text = z.string().optional().catch(undefined);
const EntrySchema = z.object({ username: Text, password: Text, auth: Text });
const DockerConfigSchema = z.object({ auths: z.record(z.string(), z.unknown()) });

/**
 * Reads a Kubernetes pull secret (`.dockerconfigjson`): user and password of each registry under `auths`, given apart or as
 * `auth`, the base64 of `user:password`.
 * @returns undefined for a text that is no such file
 */
export function readDockerConfig(text: string): readonly PullSecretEntry[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const config = DockerConfigSchema.safeParse(json);
  if (!config.success) return undefined;
  return Object.entries(config.data.auths).flatMap(([server, value]) => {
    const entry = EntrySchema.safeParse(value);
    const host = server.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '');
    return entry.success && host !== '' ? [{ server, host, ...credentialsOf(entry.data) }] : [];
  });
}

function credentialsOf({ username, password, auth }: z.infer<typeof EntrySchema>): {
  user: string | undefined;
  secret: string | undefined;
} {
  if (username !== undefined || password !== undefined || auth === undefined)
    return { user: username, secret: password };
  const [, user, secret] = /^([^:]*):([^]*)$/.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  // Some writers pad the decoded text with zero bytes.
  return { user, secret: secret?.replace(/\0+$/, '') };
}
