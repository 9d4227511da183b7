import {
  type experimentExportFormats,
  experimentInputSchema,
  type ExperimentResult,
} from '../../../shared/experiments';
import { loadPaper } from '../../core/paper/paper';
import { installedFiles } from '../../core/storage/installed-files';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { followExperiment, writeExperiment } from '../experiment';
import { findStudy } from '../find-study';
import { given, namedOf, parseOptions, scalar } from '../options';
import { table } from '../output';
import { outFolder } from '../places';
import { askedWork, type WorkOptions } from '../work-options';

export interface ReproduceCommandOptions extends WorkOptions {
  readonly preset?: string;
  readonly datasets?: string;
  readonly seed?: string;
  readonly study?: string;
  readonly out: string;
}

const formats: readonly (typeof experimentExportFormats)[number][] = [
  'figures.svg',
  'figures.png',
  'ranks.csv',
  'ranks.md',
  'accuracies.csv',
  'claims.csv',
  'report.html',
];

/** The paper on its datasets: forecast, runs, then its figures, accuracies and claims. */
export async function reproduceCommand(
  context: CommandContext,
  options: ReproduceCommandOptions,
): Promise<Outcome> {
  // Refused before anything is opened.
  const { datasets } = loadPaper(installedFiles().resources);
  const input = inputOf(
    options,
    datasets.map(({ id }) => id),
  );
  const asked = askedWork(options);
  const out = await outFolder(options.out);
  return withApp(
    context,
    'write',
    async (app) => {
      const study = options.study === undefined ? null : await findStudy(app.api, options.study);
      const { experiment, interrupted } = await followExperiment(context, app, input, {
        out,
        formats,
      });
      if (study) {
        await app.api.call('experiments.setStudy', { experiment: experiment.id, study: study.id });
      }
      if (interrupted) return interruption('reproduce', experiment.name);
      const { files, replaced } = await writeExperiment(context, app, experiment, formats, out);
      const result = await app.api.call('experiments.result', { experiment: experiment.id });
      return {
        json: { command: 'reproduce', out, files, replaced, ...summary(result) },
        text: [...claimLines(result), ...noteLines(result), '', `Written to ${out}.`],
        exit: exits.done,
      };
    },
    asked,
  );
}

/** @param published the datasets that the paper states something of */
function inputOf(
  options: Pick<ReproduceCommandOptions, 'preset' | 'seed'> & {
    readonly datasets?: string | undefined;
  },
  published: readonly string[],
) {
  return parseOptions(
    experimentInputSchema,
    {
      kind: 'reproduction',
      ...given({
        preset: options.preset,
        datasets:
          options.datasets === undefined
            ? undefined
            : namedOf(options.datasets, '--datasets', published, 'there is none'),
        seed: options.seed === undefined ? undefined : scalar(options.seed),
      }),
    },
    { preset: '--preset', datasets: '--datasets', seed: '--seed' },
  );
}

export function interruption(command: string, name: string): Outcome {
  return {
    json: { command, how: 'interrupted', resumable: true },
    text: [
      `${name} is interrupted. What is done is kept: run the same command again and it goes on from there.`,
    ],
    exit: exits.interrupted,
  };
}

export function summary({ experiment, results, claims, ranks, spearman }: ExperimentResult) {
  return {
    experiment: { id: experiment.id, kind: experiment.kind, name: experiment.name },
    runs: experiment.members.map(({ dataset, variant, run }, i) => ({
      dataset,
      setting: variant?.setting ?? null,
      run: run.id,
      seconds: run.seconds,
      accuracies: results[i]?.levels.map(({ level, validationAccuracy }) => ({
        level,
        validationAccuracy,
      })),
      methods: results[i]?.curves.map(({ method, advantage, rank }) => ({
        method: method.id,
        advantage,
        rank,
      })),
      spearman: spearman[i] ?? null,
      notes: results[i]?.notes ?? [],
    })),
    claims: claims.map(({ id, verdict, evidence }) => ({ id, verdict, evidence })),
    ranks,
  };
}

/** What must be said beside the figures of the runs. */
export function noteLines({ experiment, results }: ExperimentResult): string[] {
  const notes = results.flatMap((result, i) =>
    result.notes.map((note) => `${experiment.members[i]?.run.name ?? result.run.name}: ${note}`),
  );
  return notes.length > 0 ? ['', ...notes] : [];
}

function claimLines({ claims }: ExperimentResult): string[] {
  return table(
    ['claim', 'verdict', 'section'],
    claims.map(({ id, verdict, section }) => [id, verdict.replace('-', ' '), section]),
  );
}
