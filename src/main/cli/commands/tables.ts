import { z } from 'zod';
import { refuse, StudioError } from '../../../shared/errors';
import {
  type ResultFilters,
  resultFiltersSchema,
  type ResultFormat,
  resultFormats,
} from '../../../shared/ratings/results';
import { type Api } from '../../../shared/routes';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { linesOf, textOf, writeTo } from '../files';
import { findStudy } from '../find-study';
import { given, namedOf, namingOption, parseOptions, scalar } from '../options';
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

/** The tables of a study, on stdout or in a file. */
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
      field: '--out',
      value: 'missing',
      accepted,
    });
  }
  const wanted = filtersOf(options);
  const to = out === undefined ? null : await outFile(out);
  // To look at an open study is written to its log; everything else works beside the app.
  return withApp(context, reveal ? 'write' : 'read', async (app) => {
    const { api } = app;
    const study = await findStudy(api, options.study);
    if (reveal) await api.call('results.reveal', { study: study.id });
    const filters = { ...wanted, ...(await namesOf(options, api, study.id)) };
    const file = await api
      .call('results.export', { study: study.id, format, filters })
      .catch((error: unknown) => {
        throw error instanceof StudioError ? namingOption(error, optionNames) : error;
      });
    if (Object.values(filters).some((value) => value !== null)) {
      const { filterNotes } = await api.call('results.get', { study: study.id, filters });
      for (const note of filterNotes) context.say(note);
    }
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

function tableFormat(text: string): ResultFormat {
  const format = resultFormats.find((known) => known === text);
  if (!format) throw refuse('--format', text, `one of ${resultFormats.join(', ')}`);
  return format;
}

const optionNames = {
  'filters.raters': '--raters',
  'filters.experience': '--experience',
  'filters.excludeFailedChecks': '--exclude-failed',
  'filters.images': '--images',
  'filters.from': '--from',
  'filters.to': '--to',
};

/** All filters but names, which only the study knows. */
function filtersOf({ experience, excludeFailed, from, to }: TablesCommandOptions): ResultFilters {
  const filters = given({
    experience,
    from,
    to,
    excludeFailedChecks: excludeFailed === undefined ? undefined : scalar(excludeFailed),
  });
  return parseOptions(z.object({ filters: resultFiltersSchema }), { filters }, optionNames).filters;
}

async function namesOf(
  { raters, images }: TablesCommandOptions,
  api: Api,
  study: string,
): Promise<Pick<ResultFilters, 'raters' | 'images'>> {
  if (raters === undefined && images === undefined) return { raters: null, images: null };
  const there = await api.call('results.choices', { study });
  const named = (
    text: string | undefined,
    option: string,
    known: readonly string[],
    none: string,
  ) => (text === undefined ? null : namedOf(text, option, known, none));
  const codes = there.raters.map(({ code }) => code);
  return {
    raters: named(raters, '--raters', codes, 'the study has no rater'),
    images: named(images, '--images', there.images, 'no image was rated'),
  };
}
