import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { TaskDslError } from '../dsl/errors.js';
import { TaskGraphError } from '../dsl/graph.js';
import { graphToText } from '../dsl/graph-to-text.js';
import { parseTask } from '../dsl/parse.js';
import { taskToGraph } from '../dsl/task-to-graph.js';
import { DomainError, UnreadableBodyError } from '../representation/domain-error.js';
import { Operation } from '../representation/operation.js';
import { jsonBody } from '../representation/request-body.js';

const GraphSchema = z
  .object({
    nodes: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        properties: z.record(z.string(), z.string()).nullish(),
        metadata: z.record(z.string(), z.string()).nullish(),
      }),
    ),
    links: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        properties: z.record(z.string(), z.string().nullable()).nullish(),
      }),
    ),
  })
  .meta({ id: 'TaskGraph' });

const TextSchema = z.object({ name: z.string(), dsl: z.string() }).meta({ id: 'TaskText' });

const AnswerSchema = z
  .object({
    graph: GraphSchema.nullable(),
    dsl: z.string().nullable(),
    errors: z.array(
      z.object({
        position: z.number().int().describe('UTF-16 units from the start of the text'),
        message: z.string(),
        hint: z.string().optional().describe('What to do about it (not in SCDF)'),
      }),
    ),
  })
  .meta({ id: 'TaskGraphAnswer' });

/** The body is JSON, but not what is needed. SCDF answers 500. */
class InvalidToolInputError extends DomainError {
  readonly status = 400;

  constructor(
    message: string,
    readonly logref = 'IllegalArgumentException',
  ) {
    super(message);
  }
}

/** `/tools`: between the text of a task and its graph, for editors. */
@Controller('tools')
export class ToolsController {
  @Post('parseTaskTextToGraph')
  @HttpCode(200)
  @Operation({
    summary: 'Turn the text of a task into a graph',
    description: 'What is wrong with the text is part of the answer, which is 200 all the same.',
    body: TextSchema,
    answer: AnswerSchema,
    refusals: [400, 415],
  })
  async parse(@Req() request: Request): Promise<z.infer<typeof AnswerSchema>> {
    const { name, dsl } = textOf(await bodyOf(request));
    try {
      return {
        graph: copyOf(taskToGraph(parseTask(name === 'unknown' || name === '' ? 'task' : name, dsl))),
        dsl: null,
        errors: [],
      };
    } catch (error) {
      if (error instanceof TaskDslError) {
        const errors = error.problems.map(({ position, message, hint }) => ({ position, message, hint }));
        return { graph: null, dsl: null, errors };
      }
      if (error instanceof TaskGraphError) throw new InvalidToolInputError(error.message, error.logref);
      throw error;
    }
  }

  @Post('convertTaskGraphToText')
  @HttpCode(200)
  @Operation({
    summary: 'Turn a graph into the text of a task',
    body: GraphSchema,
    answer: AnswerSchema,
    refusals: [400, 415],
  })
  async convert(@Req() request: Request): Promise<z.infer<typeof AnswerSchema>> {
    const parsed = GraphSchema.safeParse(await bodyOf(request));
    if (!parsed.success) throw new InvalidToolInputError(`The graph cannot be read: ${z.prettifyError(parsed.error)}`);
    try {
      return { graph: null, dsl: graphToText(parsed.data), errors: [] };
    } catch (error) {
      if (error instanceof TaskGraphError) throw new InvalidToolInputError(error.message, error.logref);
      throw error;
    }
  }
}

async function bodyOf(request: Request): Promise<unknown> {
  if (request.res === undefined) throw new UnreadableBodyError('Required request body is missing', 400);
  return jsonBody(request, request.res);
}

function textOf(body: unknown): z.infer<typeof TextSchema> {
  const parsed = TextSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path[0] === 'dsl' ? 'taskDefinition' : 'taskName';
  throw new InvalidToolInputError(`${field} must be a non-null string`);
}

/** Empty parts are left out, as SCDF leaves them out. */
function copyOf(graph: ReturnType<typeof taskToGraph>): z.infer<typeof GraphSchema> {
  return {
    nodes: graph.nodes.map(({ id, name, properties, metadata }) => ({
      id,
      name,
      ...(properties ? { properties: { ...properties } } : {}),
      ...(metadata ? { metadata: { ...metadata } } : {}),
    })),
    links: graph.links.map(({ from, to, properties }) => ({
      from,
      to,
      ...(properties ? { properties: { ...properties } } : {}),
    })),
  };
}
