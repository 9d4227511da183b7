import { type ExperimentResult, experimentInputSchema } from '../../../shared/experiments';
import { paperMetric } from '../../../shared/catalogue/metrics';
import { refuse } from '../../../shared/errors';
import { formatDuration } from '../../../shared/format/times';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { followExperiment, writeExperiment } from '../experiment';
import { knownDataset, namedDataset } from '../named-dataset';
import { given, parseOptions, scalar } from '../options';
import { table } from '../output';
import { outFolder } from '../places';
import { askedWork, workOptionNames } from '../work-options';
import { interruption, noteLines, summary } from './reproduce';
import { type RoarCommandOptions } from './roar';

/** Options that stay as they are without --sensitivity; the others would be one reading more. */
const taken: readonly string[] = [
  ...['dataset', 'out', 'preset', 'protocol', 'seed', 'sensitivity'],
  ...workOptionNames,
];

const formats = ['ranks.csv', 'ranks.md', 'report.html'] as const;

/** A run under our reading of the paper and one under each other, and how ranks move. */
export async function sensitivityCommand(
  context: CommandContext,
  options: RoarCommandOptions,
): Promise<Outcome> {
  for (const [name, value] of Object.entries(options)) {
    const unset = value === undefined || (Array.isArray(value) && value.length === 0);
    if (!taken.includes(name) && !unset) {
      const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      throw refuse(option, value, 'nothing of the kind beside --sensitivity, which sets it itself');
    }
  }
  const { protocol } = options;
  if (protocol !== undefined && protocol !== paperMetric.id) {
    throw refuse('--protocol', protocol, `${paperMetric.id}, beside --sensitivity`);
  }
  const inputFor = (dataset: string) =>
    parseOptions(
      experimentInputSchema,
      {
        kind: 'sensitivity',
        datasets: [dataset],
        ...given({
          preset: options.preset,
          seed: options.seed === undefined ? undefined : scalar(options.seed),
        }),
      },
      { datasets: '--dataset', preset: '--preset', seed: '--seed' },
    );
  const known = knownDataset(context.world.catalogues.datasets, options.dataset);
  if (known) inputFor(known.id);
  const asked = askedWork(options);
  const out = await outFolder(options.out);
  return withApp(
    context,
    'write',
    async (app) => {
      const input = inputFor(namedDataset(app, options.dataset).id);
      const { experiment, interrupted } = await followExperiment(context, app, input, {
        out,
        formats,
      });
      if (interrupted) return interruption('roar', experiment.name);
      const { files, replaced } = await writeExperiment(context, app, experiment, formats, out);
      const result = await app.api.call('experiments.result', { experiment: experiment.id });
      return {
        json: { command: 'roar', sensitivity: true, out, files, replaced, ...summary(result) },
        text: [...rankLines(result), ...noteLines(result), '', `Written to ${out}.`],
        exit: exits.done,
      };
    },
    asked,
  );
}

/** One row a run: its Spearman with the first and the ranks, methods by their place there. */
function rankLines({ experiment, results, ranks, spearman }: ExperimentResult): string[] {
  const ordered = [...ranks].sort((a, b) => (b.advantages[0] ?? 0) - (a.advantages[0] ?? 0));
  const seconds = results.reduce((sum, { run }) => sum + run.seconds, 0);
  return [
    `${experiment.name}: ${results.length} runs, ${formatDuration(seconds)}`,
    '',
    'Ranks, methods in the order of the first run:',
    ...ordered.map(({ name }, i) => `  ${letter(i)} ${name}`),
    '',
    ...table(
      ['reading', 'rho', ...ordered.map((_, i) => letter(i))],
      experiment.members.map(({ variant }, i) => [
        variant?.setting ?? 'as we read it',
        spearman[i]?.toFixed(2) ?? '',
        ...ordered.map((method) => String(method.ranks[i] ?? '')),
      ]),
    ),
  ];
}

const letter = (index: number): string => String.fromCharCode(97 + (index % 26));
