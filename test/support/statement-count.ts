import pg from 'pg';

type Query = (this: unknown, ...values: unknown[]) => unknown;

/** Counts the SQL statements that this process sends to PostgreSQL, whoever sends them. */
export class StatementCount {
  private readonly texts: string[] = [];

  private constructor(private readonly original: Query) {}

  static begin(): StatementCount {
    const prototype = pg.Client.prototype as unknown as { query: Query };
    const count = new StatementCount(prototype.query);
    const { texts, original } = count;
    prototype.query = function (this: unknown, ...values: unknown[]) {
      const [query] = values;
      texts.push(typeof query === 'string' ? query : String((query as { text?: unknown }).text));
      return original.apply(this, values);
    };
    return count;
  }

  end(): void {
    (pg.Client.prototype as unknown as { query: Query }).query = this.original;
  }

  /**
   * The statements of one run of `work`: the fewest of several runs, since what goes on in the background at the same time
   * can only add to them.
   */
  async fewestOf(work: () => Promise<unknown>, runs = 5): Promise<readonly string[]> {
    let fewest: readonly string[] | undefined;
    for (let run = 0; run < runs; run++) {
      this.texts.length = 0;
      await work();
      if (fewest === undefined || this.texts.length < fewest.length) fewest = [...this.texts];
    }
    return fewest ?? [];
  }
}
