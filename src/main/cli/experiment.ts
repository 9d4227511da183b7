import { type DatasetCatalogue, type KnownDataset } from '../../shared/catalogue/datasets';
import { installCommand } from '../../shared/install-command';
import {
  type Experiment,
  type ExperimentForecast,
  type experimentInputSchema,
  type experimentExportFormats,
} from '../../shared/experiments';
import { paperMetric } from '../../shared/catalogue/metrics';
import { formatBytes } from '../../shared/format/bytes';
import { formatDuration } from '../../shared/format/times';
import { type z } from 'zod';
import { type App } from '../core/app';
import { manifestName } from '../core/export/folder/manifest';
import { within, type Written } from '../core/export/folder/output-folder';
import { type CommandContext } from './context';
import { fetched } from './files';
import { followJob } from './follow';
import { table } from './output';
import { outFolder, writeInto } from './places';

type Input = z.output<typeof experimentInputSchema>;

/** What it would take, in lines for a person. */
function forecastLines(
  forecast: ExperimentForecast,
  nameOf: (dataset: string) => string,
  datasets: DatasetCatalogue,
): string[] {
  const rows = forecast.members.map(({ dataset, variant, forecast: own, missing, run }) => [
    variant === null ? nameOf(dataset) : variant.setting,
    missing
      ? notInstalled(datasets.find(dataset))
      : run?.state === 'done'
        ? 'done already'
        : own
          ? formatDuration(own.seconds)
          : '',
    own && run?.state !== 'done' ? formatBytes(own.bytes) : '',
  ]);
  const on = forecast.members.find((member) => member.forecast)?.forecast?.measuredOn;
  return [
    `Forecast${on === undefined ? '' : ` on ${on}`}: ${formatDuration(forecast.seconds)}, ${formatBytes(forecast.bytes)} of ${formatBytes(forecast.freeBytes)} free`,
    ...table(['run', 'time', 'disk'], rows).map((line) => `  ${line}`),
  ];
}

const notInstalled = (known: KnownDataset | undefined): string =>
  known ? `not installed: ${installCommand(known)}` : 'not installed';

/**
 * Says the forecast, starts the experiment or takes it up where it stands, and follows its jobs to
 * their end; where something is in the way of the files that it will write, it is not even started. Answers with the experiment, and whether it was interrupted.
 */
export async function followExperiment(
  context: CommandContext,
  app: App,
  input: Input,
  { out, formats }: { out: string; formats: readonly Format[] },
): Promise<{ experiment: Experiment; interrupted: boolean }> {
  const { world, say } = context;
  const forecast = await app.api.call('experiments.forecast', input);
  const nameOf = (dataset: string) => app.datasets.facts(dataset, '--dataset').name;
  await outFolder(out, experimentFiles(input.kind, forecast.members, formats));
  for (const line of forecastLines(forecast, nameOf, world.catalogues.datasets)) say(line);
  const { experiment, jobs, reused, left } = await app.api.call('experiments.start', input);
  if (reused.length > 0) {
    say(
      `${reused.length} of ${experiment.members.length} runs are here already and are not repeated.`,
    );
  }
  for (const { id, name } of left) {
    say(
      `${name} (${id}) was begun with another engine or an earlier version and cannot go on here: it starts anew.`,
    );
  }
  // An interruption is for all: what waits must not begin when the running job ends.
  const cancelWaiting = () => {
    for (const job of jobs.slice(1).reverse()) {
      app.api.call('jobs.cancel', { job }).catch(() => undefined);
    }
  };
  if (world.signal.aborted) cancelWaiting();
  else world.signal.addEventListener('abort', cancelWaiting, { once: true });
  try {
    for (const [i, job] of jobs.entries()) {
      const member = experiment.members.find(({ run }) => run.job === job);
      say(`${i + 1} of ${jobs.length}: ${member?.run.name ?? job}`);
      const last = await followJob(context, app, () => app.api.call('jobs.get', { job }));
      if (last.state !== 'done') return { experiment, interrupted: true };
    }
    return { experiment, interrupted: false };
  } finally {
    world.signal.removeEventListener('abort', cancelWaiting);
  }
}

type Format = (typeof experimentExportFormats)[number];
type Members = readonly Pick<Experiment['members'][number], 'dataset' | 'variant'>[];

/** Every file of an experiment's folder, each run's in a folder of its own. */
function experimentFiles(
  kind: Experiment['kind'],
  members: Members,
  formats: readonly Format[],
): string[] {
  const folders = members.map((member, i) => memberFolder(kind, member, i));
  return [
    ...folders.flatMap((folder) => paperMetric.files.map((name) => `${folder}/${name}`)),
    ...formats,
    manifestName,
  ];
}

/** Write exports of an experiment, and of each run into a folder of its own. */
export async function writeExperiment(
  context: CommandContext,
  app: App,
  experiment: Experiment,
  formats: readonly Format[],
  out: string,
): Promise<Written> {
  const { id, name, kind, members } = experiment;
  return writeInto(context, out, async (folder) => {
    for (const [i, member] of members.entries()) {
      await app.writeRoarOutputs(member.run.id, within(folder, memberFolder(kind, member, i)));
    }
    for (const format of formats) {
      const file = await app.api.call('experiments.export', { experiment: id, format });
      await fetched(app.files, file, (path) => folder.addCopy(format, path));
    }
    await folder.addManifest({
      format: 'saliency-studio/experiment/1',
      result: { kind: 'experiment', id, name },
      experiment,
    });
  });
}

function memberFolder(
  kind: Experiment['kind'],
  { dataset, variant }: Members[number],
  index: number,
): string {
  return kind === 'reproduction' ? dataset : runFolder(index, variant?.setting ?? 'base');
}

/** A folder's name such as '03-fill-random'. */
function runFolder(index: number, setting: string): string {
  const words = setting.replace(/^parameters\./, '').replaceAll(/[^a-zA-Z0-9]+/g, '-');
  return `${String(index).padStart(2, '0')}-${words}`;
}
