import { refuse, StudioError } from '../../../shared/errors';
import {
  resultFiltersSchema,
  type TableFormat,
  tableFormats,
} from '../../../shared/ratings/results';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { linesOf, textOf, writeTo } from '../files';
import { findStudy } from '../find-study';
import { given, list, parseOptions, scalar } from '../options';
import { outFile } from '../places';

export interface TablesCommandOptions {
  readonly study: string;
  readonly format: string;
  readonly out?: string;
  readonly raters?: string;
  readonly experience?: string;
  readonly excludeFailed?: string;
  readonly images?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reveal?: boolean;
}

/** Tables I and II of a study, on stdout or in a file. */
export async function tablesCommand(
  context: CommandContext,
  options: TablesCommandOptions,
): Promise<Outcome> {
  const format = tableFormat(options.format);
  const { out, reveal = false } = options;
  if (format === 'png' && out === undefined) {
    const accepted = 'a file to write, because a PNG is not text';
    throw new StudioError({
      code: 'invalid-input',
      message: `--out is missing; accepted: ${accepted}.`,
      ...{ field: '--out', value: 'missing', accepted },
    });
  }
  const filters = resultFilters(options);
  const to = out === undefined ? null : await outFile(out);
  // To look at an open study is written to its log; everything else works beside the app.
  return withApp(context, reveal ? 'write' : 'read', async (app) => {
    const { api } = app;
    const study = await findStudy(api, options.study);
    if (reveal) await api.call('results.reveal', { study: study.id });
    const file = await api.call('results.export', { study: study.id, format, filters });
    const about = { command: 'tables', study: study.id, format };
    if (to !== null) {
      const path = await writeTo(to, app, file);
      return {
        json: { ...about, files: [path] },
        text: [`Written to ${path}.`],
        exit: exits.done,
      };
    }
    const content = await textOf(app, file);
    const json = format === 'json' ? (JSON.parse(content) as object) : { ...about, content };
    return { json, text: linesOf(content), exit: exits.done };
  });
}

function tableFormat(text: string): TableFormat {
  const format = tableFormats.find((known) => known === text);
  if (!format) throw refuse('--format', text, `one of ${tableFormats.join(', ')}`);
  return format;
}

function resultFilters(options: TablesCommandOptions) {
  const { raters, experience, excludeFailed, images, from, to } = options;
  return parseOptions(
    resultFiltersSchema,
    given({
      raters: raters === undefined ? undefined : list(raters),
      experience,
      excludeFailedChecks: excludeFailed === undefined ? undefined : scalar(excludeFailed),
      images: images === undefined ? undefined : list(images),
      from,
      to,
    }),
    {
      raters: '--raters',
      experience: '--experience',
      excludeFailedChecks: '--exclude-failed',
      images: '--images',
      from: '--from',
      to: '--to',
    },
  );
}
