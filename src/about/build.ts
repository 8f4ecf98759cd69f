import { readFileSync } from 'node:fs';
import { z } from 'zod';

const BuildSchema = z.object({
  version: z.string(),
  branch: z.string().default(''),
  commit: z.string().default(''),
  commitTime: z.string().default(''),
  time: z.string().default(''),
});

/**
 * What was built, when, and from which commit: `build.json` is written beside the bundle by the build; a run from the
 * sources has none.
 */
export const BUILD = readBuild();

/** Git and build facts in the form that Spring Boot's info contributors give them. */
export function gitAndBuildInfo() {
  return {
    git: { branch: BUILD.branch, commit: { id: BUILD.commit, time: BUILD.commitTime } },
    build: { artifact: 'millrace', name: 'Millrace', time: BUILD.time, version: BUILD.version, group: 'millrace' },
  };
}

function readBuild(): z.infer<typeof BuildSchema> {
  try {
    return BuildSchema.parse(JSON.parse(readFileSync(new URL('./build.json', import.meta.url), 'utf8')));
  } catch {
    return { version: '0.0.0-development', branch: '', commit: '', commitTime: '', time: '' };
  }
}
