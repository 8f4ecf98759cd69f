/**
 * Writes a number as Java's Double.toString does: `1.5`, `1.0`, `1.0E7`, `1.0E-5`, `NaN`, `Infinity`. SCDF shows double
 * parameters of jobs in this form.
 */
export function formatJavaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  // Java writes plain decimals from 10^-3 up to below 10^7, and scientific notation elsewhere.
  if (magnitude >= 1e-3 && magnitude < 1e7) return Number.isInteger(value) ? value.toFixed(1) : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** Reads a whole number as Java's Long.parseLong does; undefined for a text that is none, or is beyond 64 bits. */
export function parseJavaLong(text: string): bigint | undefined {
  const number = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  return number !== undefined && BigInt.asIntN(64, number) === number ? number : undefined;
}
