import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { GitAndBuildInfoSchema } from '../about/about.resource.js';
import { gitAndBuildInfo } from '../about/build.js';
import { Operation } from '../representation/operation.js';
import { ACTUATOR_MEDIA, ActuatorMedia } from './actuator-media.js';

/** `/management/info`: which commit was built, and when. */
@Controller('info')
@UseInterceptors(ActuatorMedia)
export class InfoController {
  @Get()
  @Operation({ summary: 'Show commit and build', answer: GitAndBuildInfoSchema, media: ACTUATOR_MEDIA })
  info() {
    return gitAndBuildInfo();
  }
}
