import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import type { LogQuery } from '../platforms/platform.js';
import { Asked, type AskedForm } from '../representation/asked-form.js';
import { NotAcceptableError } from '../representation/domain-error.js';
import { TextAnswer } from '../representation/hal-adapter.js';
import { Operation } from '../representation/operation.js';
import { dnsLabel, flag, instant, integer, optionalText, Parameters, text } from '../representation/parameters.js';
import {
  eventStream,
  type LongAnswer,
  NO_MORE_EVENTS,
  type StreamEvent,
  textStream,
} from '../representation/stream-answer.js';
import { parseSchemaTarget } from '../schema/schema-target.js';
import { ExecutionLogs } from './execution-logs.service.js';
import { END, type LogPiece } from './log-pieces.js';

/** Lines that may be asked for. */
const MOST_LINES = 1_000_000;

const LogParameters = z.object({
  taskExternalExecutionId: text('Name of pod or process'),
  platformName: optionalText('Name of the platform account; found out when missing'),
  schemaTarget: optionalText('Generation of tables: boot2 (default) or boot3'),
  tail: integer('Only the last so many lines (not in SCDF)', 0, MOST_LINES).optional(),
  since: instant('Only what was written since: a date, or a number of seconds before now (not in SCDF)').optional(),
  previous: flag('The log of the run before the last restart of the container (not in SCDF)', false),
  container: dnsLabel('A container other than that of the application (not in SCDF)').optional(),
  follow: flag('Text as it is written, until the execution has ended (not in SCDF)', false),
});

/** `/tasks/logs`: what executions print. */
@Controller('tasks')
export class LogsController {
  constructor(private readonly logs: ExecutionLogs) {}

  @Get('logs/:taskExternalExecutionId')
  @Operation({
    summary: 'Show or follow the log of an execution',
    description:
      'Text for clients that ask for text, a JSON string for others; always 200, as in SCDF. Clients that ask for ' +
      'text/event-stream follow the log: each event holds the next lines, `again` says that what came before comes ' +
      'once more, `end` that the execution has ended and all was sent. A client that comes back with `Last-Event-ID` ' +
      'goes on behind that event; 204 tells one that has the end not to come again.',
    parameters: LogParameters,
    answer: z.string(),
    media: ['text/plain', 'application/json', 'text/event-stream'],
    refusals: [400, 404, 429],
  })
  async show(
    @Parameters(LogParameters) parameters: z.output<typeof LogParameters>,
    @Asked() asked: AskedForm,
  ): Promise<TextAnswer | LongAnswer> {
    const { taskExternalExecutionId: id, platformName, follow } = parameters;
    const target = parseSchemaTarget(parameters.schemaTarget);
    const address = { id, platformName: platformName === '' ? undefined : platformName, target };
    const query = queryOf(parameters);
    if (asked.form === 'events') {
      if (asked.lastEventId === END) return NO_MORE_EVENTS;
      return eventStream(eventsOf(await this.logs.follow(address, query, asked.lastEventId)));
    }
    if (!follow) return new TextAnswer(await this.logs.read(address, query));
    if (!asked.takesText) throw new NotAcceptableError(['text/plain', 'text/event-stream']);
    return textStream(textsOf(await this.logs.follow(address, query, undefined)));
  }
}

function queryOf({ tail, since, previous, container }: z.output<typeof LogParameters>): LogQuery {
  return {
    ...(tail === undefined ? {} : { tailLines: tail }),
    ...(since === undefined ? {} : { since }),
    ...(previous ? { previous } : {}),
    ...(container === undefined ? {} : { container }),
  };
}

function eventsOf(pieces: AsyncIterator<LogPiece, undefined>): AsyncIterable<StreamEvent> {
  let over = false;
  return mapped(pieces, async () => {
    const step = await pieces.next();
    if (step.done !== true) return eventOf(step.value);
    if (over) return undefined;
    over = true;
    return { id: END, event: 'end', data: 'The execution has ended.' };
  });
}

function eventOf({ text: lines, position: id, again }: LogPiece): StreamEvent {
  return again === true
    ? { id, event: 'again', data: 'What came before comes once more.' }
    : { id, data: lines.endsWith('\n') ? lines.slice(0, -1) : lines };
}

function textsOf(pieces: AsyncIterator<LogPiece, undefined>): AsyncIterable<string> {
  return mapped(pieces, async () => {
    const step = await pieces.next();
    return step.done === true ? undefined : step.value.text;
  });
}

/** An iterable whose `return()` reaches the pieces at once, also while the next one is waited for. */
function mapped<Value>(
  pieces: AsyncIterator<LogPiece, undefined>,
  next: () => Promise<Value | undefined>,
): AsyncIterable<Value> {
  const iterator: AsyncIterator<Value, undefined> = {
    next: async () => {
      const value = await next();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      await pieces.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
