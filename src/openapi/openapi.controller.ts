import { Controller, Get, Redirect, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { ApiDocument } from './api-document.js';

const DocumentSchema = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });

/** `/v3/api-docs`: the API described for machines, where springdoc has it in SCDF. */
@Controller()
export class OpenApiController {
  constructor(private readonly document: ApiDocument) {}

  @Get('v3/api-docs')
  @Operation({
    summary: 'Show the OpenAPI document of this server',
    answer: DocumentSchema,
    media: ['application/json'],
  })
  async show(@Frame() frame: RequestFrame, @Res({ passthrough: true }) response: Response) {
    response.setHeader('Content-Type', 'application/json');
    return this.document.at(frame.baseUrl);
  }
}

/** `/swagger-ui.html`: the API described for people. Its page and assets are served by `serveSwaggerUi`. */
@Controller()
export class SwaggerUiController {
  @Get('swagger-ui.html')
  @Redirect()
  @Operation({ summary: 'Go to the pages that show the API', status: 302 })
  page(@Frame() frame: RequestFrame) {
    return { url: `${frame.baseUrl}/swagger-ui/index.html`, statusCode: 302 };
  }
}
