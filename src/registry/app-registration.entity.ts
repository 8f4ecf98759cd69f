import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Kinds of apps, in the order of the numbers under which SCDF stores them. */
export const APP_TYPES = ['app', 'source', 'processor', 'sink', 'task'] as const;

export type AppType = (typeof APP_TYPES)[number];

/** Generation of Spring Boot that an app is built on; it decides which tables its executions use. */
export type BootVersion = '2' | '3';

/** Reads the column of the boot version. Apps from before SCDF 2.11 have none and are Boot 2. */
export const bootVersionStored = (stored: string | null): BootVersion => (stored === 'BOOT3' ? '3' : '2');

/**
 * A registered version of an app. The view hides that SCDF keeps the uris as large objects in `app_registration`.
 */
@Entity({ name: 'millrace_app_registration', synchronize: false })
export class AppRegistration {
  /** From `hibernate_sequence`, which SCDF shares. */
  @PrimaryColumn({ type: 'bigint' })
  id!: number;

  /** Optimistic lock of SCDF: 0 at first, one more at each update. */
  @Column({ name: 'object_version', type: 'bigint' })
  objectVersion!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Column({
    type: 'int',
    transformer: {
      to: (type: AppType) => APP_TYPES.indexOf(type),
      from: (stored: number): AppType => APP_TYPES[stored] ?? 'app',
    },
  })
  type!: AppType;

  @Column({ type: 'varchar' })
  version!: string;

  @Column({ type: 'text' })
  uri!: string;

  @Column({ name: 'metadata_uri', type: 'text', nullable: true })
  metadataUri!: string | null;

  /** At most one version of a name and type has it. */
  @Column({ name: 'default_version', type: 'boolean' })
  defaultVersion!: boolean;

  @Column({
    name: 'boot_version',
    type: 'varchar',
    nullable: true,
    transformer: {
      to: (version: BootVersion) => `BOOT${version}`,
      from: bootVersionStored,
    },
  })
  bootVersion!: BootVersion;
}
