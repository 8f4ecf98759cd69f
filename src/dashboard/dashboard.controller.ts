import { Controller, Get, Redirect, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Operation } from '../representation/operation.js';
import { Frame, type RequestFrame } from '../representation/request-frame.js';
import { welcomePage } from './welcome-page.js';

/** `/dashboard`: what a person sees who opens the server in a browser. */
@Controller('dashboard')
export class DashboardController {
  @Get()
  @Redirect()
  @Operation({ summary: 'Go to the first page of the dashboard', status: 302 })
  open(@Frame() frame: RequestFrame) {
    return { url: `${frame.baseUrl}/dashboard/index.html`, statusCode: 302 };
  }

  @Get('index.html')
  @Operation({ summary: 'Show what this server is and where to go', answer: z.string(), media: ['text/html'] })
  page(@Frame() frame: RequestFrame, @Res() response: Response): void {
    response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    response.type('html').send(welcomePage(frame.baseUrl));
  }
}
