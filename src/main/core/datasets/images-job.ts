import { datasetIdSchema } from '../../../shared/catalogue/datasets';
import { StudioError, toErrorData } from '../../../shared/errors';
import { imagesJobSchema } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type Context } from '../jobs/job-run';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { forgetBegun, hasBegun } from './begun-imports';
import { type ImagesInput } from './images-import';
import { type SentImages } from './sent-images';

interface Parts {
  readonly dataDir: string;
  readonly events: Events;
  readonly jobs: JobsRepository;
  /** Makes the dataset, or finds it here. */
  readonly importImages: (
    job: string,
    input: ImagesInput,
    context: Context,
  ) => Promise<{ dataset: string; reused: boolean }>;
  readonly sentImages: Pick<SentImages, 'forget'>;
}

/** How many images there are is known when they have been found. */
export const imagesStages: readonly StagePlan[] = [
  {
    id: 'import',
    title: 'Import',
    items: [{ id: 'images', title: 'Reading the images', cost: 1 }],
  },
];

/** Makes a dataset of one's own images. Which one it is follows from its content, at the end. */
export function imagesJob({ dataDir, events, jobs, importImages, sentImages }: Parts): JobKind {
  return {
    kind: 'images',
    // What is done lies in a folder of the job's: its attempts go on from there.
    recovery: 'resume',
    async run(run) {
      const input = run.input(imagesJobSchema);
      run.plan(imagesStages, false);
      const work = run.item('import', 'images', async (context) => {
        const { dataset, reused } = await importImages(run.job.id, input, context);
        return {
          artifacts: [],
          reused,
          commit: () => jobs.setSubject(run.job.id, dataset),
        };
      });
      await work.catch((error: unknown) => {
        const data = toErrorData(error);
        if (data.code === 'cancelled' || !hasBegun(dataDir, run.job.id)) throw error;
        // A file may be mended, a disk may get room: nothing has to be read twice.
        const message = `${data.message} What is done so far is kept: the same import goes on from there.`;
        throw new StudioError({ ...data, message }, error);
      });
      await sentImages.forget(input);
    },
    datasets: ({ subject }) => (subject === null ? [] : [subject]),
    changed(job) {
      // Parked or killed it goes on; cancelled, nothing of it stays.
      if (job.state === 'cancelled') forgetBegun(dataDir, job.id);
      const dataset = datasetIdSchema.safeParse(job.subject);
      if (dataset.success) events.emit({ type: 'dataset.changed', dataset: dataset.data });
    },
  };
}
