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

function readBuild(): z.infer<typeof BuildSchema> {
  try {
    return BuildSchema.parse(JSON.parse(readFileSync(new URL('./build.json', import.meta.url), 'utf8')));
  } catch {
    return { version: '0.0.0-development', branch: '', commit: '', commitTime: '', time: '' };
  }
}
