import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A task definition. The view hides that SCDF keeps the text as a large object in `task_definitions`. */
@Entity({ name: 'millrace_task_definition', synchronize: false })
export class TaskDefinition {
  @PrimaryColumn({ name: 'definition_name', type: 'varchar' })
  name!: string;

  /** The text as given, secrets in clear. */
  @Column({ name: 'definition', type: 'text' })
  dslText!: string;

  /** Null for the children of composed tasks. */
  @Column({ type: 'varchar', nullable: true })
  description!: string | null;
}
