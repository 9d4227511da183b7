import { z } from 'zod';
import { jobIdSchema, studyIdSchema } from '../../../shared/ids';
import {
  type StudyConfig,
  studyConfigSchema,
  type StudyState,
  studyStates,
} from '../../../shared/ratings/study';
import { datasetKeySchema } from '../artifacts/dataset-key';
import { type StatedQuestion, statedQuestionSchema } from '../ratings/scales';
import { type Database } from '../storage/database';
import { flag, json } from '../storage/json';

const studySchema = z.object({
  id: studyIdSchema,
  name: z.string(),
  version: z.int(),
  previous: studyIdSchema.nullable(),
  origin: z.enum(['designed', 'imported']),
  state: z.enum(studyStates),
  config: json(studyConfigSchema).nullable(),
  /** What imported ratings ask; null: what the configuration says, or the paper's questions. */
  questions: json(z.array(statedQuestionSchema)).nullable(),
  hash: z.string().nullable(),
  job: jobIdSchema.nullable(),
  revealedAt: z.string().nullable(),
  createdAt: z.string(),
  closedAt: z.string().nullable(),
});
export type StoredStudy = z.output<typeof studySchema>;
export type NewStudy = Omit<StoredStudy, 'questions'> & Partial<Pick<StoredStudy, 'questions'>>;

const datasetSchema = z.object({
  dataset: z.string(),
  position: z.int(),
  modelSha256: z.string(),
  /** A dataset by its content. */
  datasetKey: json(datasetKeySchema),
  /** What computed the maps. */
  engineKey: json(z.unknown()),
  /** The names of the classes. */
  classes: json(z.array(z.string())),
  /** Artifact key of the pictures, uint8 [N, H, W, C]. */
  images: z.string(),
});
export type StoredStudyDataset = z.output<typeof datasetSchema>;

const imageSchema = z.object({
  dataset: z.string(),
  /** Where it stands in the dataset's arrays. */
  position: z.int(),
  /** Its index into the validation split, as text. */
  image: z.string(),
  label: z.int(),
  practice: flag,
});
export type StoredStudyImage = z.output<typeof imageSchema>;

const mapSchema = z.object({
  dataset: z.string(),
  method: z.string(),
  composition: z.string(),
  /** Artifact key of the raw attributions, float32 [N, H, W, C]. */
  artifact: z.string(),
});
export type StoredStudyMap = z.output<typeof mapSchema>;

const select = `SELECT id, name, version, previous, origin, state, config, questions, hash,
  job, revealed_at AS revealedAt, created_at AS createdAt, closed_at AS closedAt FROM studies`;

/** Studies and what their raters are shown. Ratings are the rating events'. */
export class StudiesRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A name and version that exist already are a `conflict`. */
  insert(study: NewStudy): void {
    const { questions = null, ...row } = study;
    this.#database.transaction(() => {
      this.#database.run(
        `INSERT INTO studies (id, name, version, previous, origin, state, config, hash, job,
           revealed_at, created_at, closed_at)
         VALUES (@id, @name, @version, @previous, @origin, @state, @config, @hash, @job,
           @revealedAt, @createdAt, @closedAt)`,
        { ...row, config: row.config === null ? null : JSON.stringify(row.config) },
      );
      if (questions) this.setQuestions(study.id, questions);
    });
  }

  get(id: string): StoredStudy | undefined {
    return this.#database.get(studySchema, `${select} WHERE id = @id`, { id });
  }

  /** Newest first. */
  list(): StoredStudy[] {
    return this.#database.all(studySchema, `${select} ORDER BY created_at DESC, rowid DESC`);
  }

  /** Names of the studies with a method. */
  usingMethod(method: string): string[] {
    return this.list().flatMap(({ name, config }) =>
      config?.methods.includes(method) ? [name] : [],
    );
  }

  /** Names of the studies of a model's maps. */
  usingModel(model: string): string[] {
    return this.list().flatMap(({ name, config }) =>
      config?.datasets.some((dataset) => dataset.model === model) ? [name] : [],
    );
  }

  /** Names of the studies of a dataset's images. */
  usingDataset(id: string): string[] {
    return this.list().flatMap(({ name, config }) =>
      config?.datasets.some(({ dataset }) => dataset === id) ? [name] : [],
    );
  }

  /** All versions of a name, the latest first. */
  named(name: string): StoredStudy[] {
    return this.#database.all(studySchema, `${select} WHERE name = @name ORDER BY version DESC`, {
      name,
    });
  }

  count(): number {
    return this.#database.number('SELECT count(*) AS n FROM studies');
  }

  /** `closedAt` stays as it was where it is not given. */
  setState(id: string, state: StudyState, closedAt?: string | null): void {
    const when = closedAt === undefined ? '' : ', closed_at = @closedAt';
    this.#database.run(`UPDATE studies SET state = @state${when} WHERE id = @id`, {
      id,
      state,
      ...(closedAt === undefined ? {} : { closedAt }),
    });
  }

  /** Another configuration asks for other pictures and maps: those named so far are let go. */
  setConfig(id: string, config: StudyConfig): void {
    this.#database.transaction(() => {
      this.#database.run('UPDATE studies SET config = @config, hash = NULL WHERE id = @id', {
        id,
        config: JSON.stringify(config),
      });
      this.removeMade(id);
    });
  }

  /** Forget its pictures and maps. */
  removeMade(id: string): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM study_maps WHERE study = @id', { id });
      this.#database.run('DELETE FROM study_images WHERE study = @id', { id });
      this.#database.run('DELETE FROM study_datasets WHERE study = @id', { id });
    });
  }

  /** A configuration that differs in its ROAR runs alone: what raters are shown stays. */
  setRuns(id: string, config: StudyConfig): void {
    this.#database.run('UPDATE studies SET config = @config WHERE id = @id', {
      id,
      config: JSON.stringify(config),
    });
  }

  /** What an imported study asks by its ratings. */
  setQuestions(id: string, questions: readonly StatedQuestion[] | null): void {
    this.#database.run('UPDATE studies SET questions = @questions WHERE id = @id', {
      id,
      questions: questions === null ? null : JSON.stringify(questions),
    });
  }

  setHash(id: string, hash: string | null): void {
    this.#database.run('UPDATE studies SET hash = @hash WHERE id = @id', { id, hash });
  }

  setJob(id: string, job: string | null): void {
    this.#database.run('UPDATE studies SET job = @job WHERE id = @id', { id, job });
  }

  setRevealed(id: string, at: string): void {
    this.#database.run('UPDATE studies SET revealed_at = @at WHERE id = @id', { id, at });
  }

  rename(id: string, name: string): void {
    this.#database.run('UPDATE studies SET name = @name WHERE id = @id', { id, name });
  }

  /** With its raters, their orders and sessions, and its job. Rating events and its log stay. */
  remove(id: string): void {
    this.#database.transaction(() => {
      const job = this.get(id)?.job ?? null;
      this.#database.run('DELETE FROM studies WHERE id = @id', { id });
      if (job !== null) this.#database.run('DELETE FROM jobs WHERE id = @job', { job });
    });
  }

  putDataset(study: string, row: StoredStudyDataset): void {
    this.#database.run(
      `INSERT INTO study_datasets (study, dataset, position, model_sha256, dataset_key,
         engine_key, classes, images)
       VALUES (@study, @dataset, @position, @modelSha256, @datasetKey, @engineKey, @classes,
         @images)
       ON CONFLICT (study, dataset) DO UPDATE SET position = excluded.position,
         model_sha256 = excluded.model_sha256, dataset_key = excluded.dataset_key,
         engine_key = excluded.engine_key, classes = excluded.classes, images = excluded.images`,
      {
        study,
        ...row,
        datasetKey: JSON.stringify(row.datasetKey),
        engineKey: JSON.stringify(row.engineKey),
        classes: JSON.stringify(row.classes),
      },
    );
  }

  /** In the order of the configuration. */
  datasets(study: string): StoredStudyDataset[] {
    return this.#database.all(
      datasetSchema,
      `SELECT dataset, position, model_sha256 AS modelSha256, dataset_key AS datasetKey,
         engine_key AS engineKey, classes, images
       FROM study_datasets WHERE study = @study ORDER BY position`,
      { study },
    );
  }

  /** All images of a dataset of the study: those named before are replaced. */
  putImages(
    study: string,
    dataset: string,
    images: readonly Omit<StoredStudyImage, 'dataset'>[],
  ): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM study_images WHERE study = @study AND dataset = @dataset', {
        study,
        dataset,
      });
      for (const { position, image, label, practice } of images) {
        this.#database.run(
          `INSERT INTO study_images (study, dataset, position, image, label, practice)
           VALUES (@study, @dataset, @position, @image, @label, @practice)`,
          { study, dataset, position, image, label, practice: practice ? 1 : 0 },
        );
      }
    });
  }

  /** By dataset, then by position. */
  images(study: string): StoredStudyImage[] {
    return this.#database.all(
      imageSchema,
      `SELECT dataset, position, image, label, practice FROM study_images
       WHERE study = @study ORDER BY dataset, position`,
      { study },
    );
  }

  putMap(study: string, { dataset, method, composition, artifact }: StoredStudyMap): void {
    this.#database.run(
      `INSERT INTO study_maps (study, dataset, method, composition, artifact)
       VALUES (@study, @dataset, @method, @composition, @artifact)
       ON CONFLICT (study, dataset, method) DO UPDATE SET composition = excluded.composition,
         artifact = excluded.artifact`,
      { study, dataset, method, composition, artifact },
    );
  }

  /** By dataset, then by method in alphabetical order. */
  maps(study: string): StoredStudyMap[] {
    return this.#database.all(
      mapSchema,
      `SELECT dataset, method, composition, artifact FROM study_maps
       WHERE study = @study ORDER BY dataset, method`,
      { study },
    );
  }
}
