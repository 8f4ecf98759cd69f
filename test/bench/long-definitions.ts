/** Task definitions of about 100,000 characters, each long in another way. */
export const LONG_DEFINITIONS: Readonly<Record<string, string>> = {
  'apps in sequence': many(9400, (i) => `app${i}`, ' && '),
  'apps with options': many(2300, (i) => `app${i} --option.${i}="some value ${i} x"`, ' && '),
  'options of one app': `app ${many(3100, (i) => `--option.number${i}=value-of-${i}`, ' ')}`,
  'labelled branches of a split': `<${many(5700, (i) => `l${i}: app${i}`, ' || ')}>`,
  'apps with transitions': many(2750, (i) => `app${i} 'FAILED'->b${i} '*'->c${i}`, ' && '),
};

function many(count: number, text: (index: number) => string, separator: string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(separator);
}
