import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotAcceptableError } from '../representation/domain-error.js';

/** Media types of Spring Boot's actuator in the order of its preference. */
export const ACTUATOR_MEDIA = [
  'application/vnd.spring-boot.actuator.v3+json',
  'application/vnd.spring-boot.actuator.v2+json',
  'application/json',
];

/** Answers with the media type that a client of the actuator asks for. @throws NotAcceptableError */
@Injectable()
export class ActuatorMedia implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest<Request>();
    const accepted = request.accepts(ACTUATOR_MEDIA);
    if (accepted === false) throw new NotAcceptableError(ACTUATOR_MEDIA);
    context.switchToHttp().getResponse<Response>().setHeader('Content-Type', accepted);
    return next.handle();
  }
}
