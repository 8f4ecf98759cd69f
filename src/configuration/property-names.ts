/**
 * Property names and the rules by which two spellings are one name (Spring Boot 2.7, «relaxed binding»).
 */

/** One step of a property name: a word (`datasource`, or a literal map key such as `my.registry:5000`) or a list index. */
export type PropertySegment = string | number;
export type PropertyName = readonly PropertySegment[];

/**
 * Splits `a.b-c[0].d[key.with.dots]` into its segments. Brackets hold a list index or a literal map key; an unbalanced
 * bracket is taken as an ordinary character, for a name is never worth a refusal here.
 */
export function parsePropertyName(text: string): PropertyName {
  const segments: PropertySegment[] = [];
  let word = '';
  const endWord = () => {
    if (word !== '') segments.push(word);
    word = '';
  };
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    const end = character === '[' ? text.indexOf(']', position) : -1;
    if (character === '.') {
      endWord();
    } else if (end > position) {
      endWord();
      const content = text.slice(position + 1, end);
      segments.push(/^\d{1,6}$/.test(content) ? Number(content) : content);
      position = end;
    } else {
      word += character;
    }
  }
  endWord();
  return segments;
}

/**
 * The name of a YAML or JSON key within its parent. A key with a slash is one literal segment: it is a Kubernetes label or
 * annotation (`app.kubernetes.io/name`), of which SCDF loses the slash.
 */
export function parseMapKey(key: string): PropertyName {
  return key.includes('/') && !key.includes('[') ? [key] : parsePropertyName(key);
}

/** Writes a name as an operator would in a properties file. */
export function formatPropertyName(name: PropertyName): string {
  let text = '';
  for (const segment of name) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (/[^\w-]/.test(segment) && !/^<.*>$/.test(segment)) text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/**
 * The form in which two spellings of a segment are compared: lower case, without dashes and underscores. A key of digits is
 * the same as a list index, for a map may have such keys (`java-home-path.3`, `JAVA_HOME_PATH_3`).
 */
export function uniformSegment(segment: PropertySegment): string {
  if (typeof segment === 'number' || /^\d{1,6}$/.test(segment)) return `[${Number(segment)}]`;
  const uniform = segment.toLowerCase().replaceAll(/[-_]/g, '');
  return uniform === '' ? segment : uniform;
}

/** {@link uniformSegment} of a whole name. */
export function uniformName(name: PropertyName): string {
  return name.map(uniformSegment).join('.');
}

/** Whether the first name is the second one or lies below it. */
export function isBelow(name: PropertyName, prefix: PropertyName): boolean {
  return (
    name.length >= prefix.length &&
    prefix.every((segment, index) => uniformSegment(segment) === uniformSegment(name[index] ?? ''))
  );
}

/** `image-pull-policy`, `image_pull_policy` → `imagePullPolicy`; a name in camel case stays as it is. */
export function toCamelCase(text: string): string {
  return text.replaceAll(/[-_]+([a-zA-Z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** `imagePullPolicy`, `image_pull_policy` → `image-pull-policy`; a name in kebab case stays as it is. */
export function toKebabCase(text: string): string {
  return text
    .replaceAll('_', '-')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

/** The environment variable that documentation names for a property: upper case, dots to underscores, dashes to underscores. */
export function environmentVariableName(name: PropertyName): string {
  return name.map((segment) => String(segment).replaceAll('-', '_').toUpperCase()).join('_');
}
