import { Module } from '@nestjs/common';
import { ApiDocument } from './api-document.js';

/** Holds the OpenAPI document of this server. */
@Module({ providers: [ApiDocument], exports: [ApiDocument] })
export class OpenApiModule {}
