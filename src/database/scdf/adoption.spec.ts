import { describe, expect, it } from '@jest/globals';
import { planAdoption } from './adoption.js';
import { detectVersion, type HistoryRow, type SchemaFindings, SchemaRefusedError } from './scdf-database.js';
import { CURRENT_VERSION, INDEXES, SEQUENCES, TABLES, VIEWS } from './scdf-schema.js';
import { recordStep } from './scdf-steps.js';

const TYPES: Record<string, string> = {
  varchar: 'character varying',
  char: 'character',
  timestamp: 'timestamp without time zone',
};

function findingsAt(version: number, history?: HistoryRow[]): SchemaFindings {
  const tables = TABLES.filter(({ since }) => since <= version);
  return {
    relations: new Set([
      ...tables.map(({ name }) => name),
      ...SEQUENCES.filter(([, since]) => since <= version).map(([name]) => name),
      ...(version >= 8 ? VIEWS.map(({ name }) => name) : []),
    ]),
    columns: new Map(
      tables.map(({ name, columns }) => [
        name,
        new Map(
          columns
            .filter(([, , since]) => (since ?? 1) <= version)
            .map(([column, type]) => {
              const plain = type.replace(' not null', '').replace(/\(\d+\)/, '');
              return [column, TYPES[plain] ?? plain];
            }),
        ),
      ]),
    ),
    indexes: new Set(INDEXES.filter(([, , , since]) => since <= version).map(([name]) => name)),
    history,
  };
}

const rows = (upTo: number): HistoryRow[] =>
  Array.from({ length: upTo }, (_, index) => ({
    version: index + 1,
    description: 'x',
    type: 'JDBC',
    script: `org.springframework.cloud.dataflow.V${index + 1}`,
    success: true,
  }));

describe('planAdoption', () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])('goes by the history: step %i', (version) => {
    expect(planAdoption(findingsAt(version, rows(version)), 'history')).toEqual({ from: version, recorded: true });
  });

  it.each([
    [0, { from: 0, recorded: true }],
    [13, { from: 13, recorded: false }],
    [7, { from: 7, recorded: false }],
  ])('without history goes by what is there: step %i', (version, plan) => {
    expect(planAdoption(findingsAt(version), 'history')).toEqual(plan);
  });

  it('takes an empty history like none', () => {
    expect(planAdoption(findingsAt(13, []), 'history')).toEqual({ from: 13, recorded: false });
  });

  it.each([
    ['that promises more than is there', findingsAt(6, rows(13)), /step 13 .*lacks: table boot3_/],
    ['behind what is there', findingsAt(13, rows(5)), /step 5 .*parts of later steps: column app_registration\.boot/],
    ['with a gap', findingsAt(13, rows(13).toSpliced(5, 1)), /no entry for step 6/],
    ['that ends before manifests', findingsAt(1, rows(1)), /step 1 \(Initial Setup\).*SCDF 2\.3/],
    ['of nothing', findingsAt(0, rows(3)), /step 3 .*lacks: table app_registration/],
  ])('refuses a history %s', (_, findings, sentence) => {
    expect(() => planAdoption(findings, 'history')).toThrow(SchemaRefusedError);
    expect(() => planAdoption(findings, 'history')).toThrow(sentence);
  });

  it('takes a schema in which Flyway only made its table as empty', () => {
    expect(planAdoption(findingsAt(0, []), 'history')).toEqual({ from: 0, recorded: true });
  });
});

describe('detectVersion', () => {
  // Steps 4 and 5, and 8 to 10 differ in nothing that columns or views show.
  it.each([
    [1, 1],
    [2, 2],
    [3, 5],
    [5, 5],
    [6, 6],
    [7, 7],
    [8, 11],
    [11, 11],
    [13, 13],
  ])('of a database at step %i is %i', (version, detected) => {
    expect(detectVersion(findingsAt(version))).toBe(detected);
  });
});

it('history rows name the classes of SCDF', () => {
  expect(recordStep('t', CURRENT_VERSION)).toContain('.postgresql.V13__CreateTaskParentIndex');
  expect(recordStep('t', 2)).toContain('V2__Add_Descriptions_OriginalDefinition');
});
