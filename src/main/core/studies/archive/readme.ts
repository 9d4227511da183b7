import { type z } from 'zod';
import { valueAt } from '../../../../shared/checked-reads';
import { counted } from '../../../../shared/format/counts';
import {
  onDefaultScale,
  sameScale,
  tableOfQuestion,
  tablesName,
} from '../../../../shared/ratings/questions';
import { type AskedQuestion } from '../../../../shared/ratings/results';
import { markdownText } from '../../export/text/markdown';
import { type Manifest } from './manifest';
import {
  columnName,
  eventsFile,
  logFile,
  ratersFile,
  type RecordFile,
  sessionsFile,
  trialsFile,
} from './records';

/** What the study asks, as the columns of its lists are explained. */
function wordsOf(questions: readonly AskedQuestion[]) {
  const or = (names: readonly string[]) =>
    names.length < 2
      ? names.join('')
      : `${names.slice(0, -1).join(', ')} or ${valueAt(names, names.length - 1)}`;
  const byScale = (say: (labels: readonly string[]) => string): string => {
    const [first, ...others] = questions;
    if (first && others.every(({ labels }) => sameScale(labels, first.labels))) {
      return `${say(first.labels)}.`;
    }
    return questions.map(({ id, labels }) => `${id}: ${say(labels)}.`).join(' ');
  };
  return {
    question: `${or(questions.map(({ id }) => id))}.`,
    label: byScale((labels) => or(labels.map(markdownText))),
    score: byScale(
      (labels) =>
        `1 (${markdownText(valueAt(labels, 0))}) to ${labels.length} (${markdownText(valueAt(labels, labels.length - 1))})`,
    ),
    longest: Math.max(...questions.map(({ labels }) => labels.length)),
    table: `${or(
      questions.map(({ id, title }) => {
        const number = tableOfQuestion(id);
        const name = markdownText(title);
        return number === null ? name : `${number} (${name.toLowerCase()})`;
      }),
    )}.`,
    others: questions.some((question) => !onDefaultScale(question)),
  };
}
type Words = ReturnType<typeof wordsOf>;

const ratingColumns = ({ question, label, longest }: Words): Readonly<Record<string, string>> => ({
  study: 'Name of the study (its id, where several versions share the name).',
  dataset: 'Id of the dataset.',
  image: 'The image: its index into the validation split.',
  method: 'Id of the method; of practice and attention trials the made picture.',
  question,
  rater: 'Code of the rater.',
  session: 'Opening of the rating page, see sessions.csv.',
  trial: 'Position in the rater’s order, see trials.csv.',
  kind: 'main counts in the tables; repeat, practice and attention do not.',
  label,
  score: `The label as 1 to ${longest}.`,
  response_ms: 'Milliseconds from the first paint of the map with the question to the choice.',
  rated_at: 'Wall clock at the choice, ISO 8601.',
});

const tableColumns = (words: Words): Readonly<Record<string, string>> => ({
  table: words.table,
  question: words.question,
  dataset: 'Id of the dataset.',
  method: 'Id of the method.',
  name: 'Name of the method.',
  label: 'Median label, of two middle ones the lower; empty without ratings.',
  median: `The same as 1 to ${words.longest}.`,
  mean: 'Mean score.',
  mean_low: 'Lower end of the 95% interval of the mean, over raters and images.',
  mean_high: 'Upper end.',
  n: 'Ratings in the cell.',
  n_very_low: words.others
    ? 'Of these, how many were Very Low; like those that follow empty for a question on another scale.'
    : 'Of these, how many were Very Low.',
  n_low: 'Low.',
  n_medium: 'Medium.',
  n_high: 'High.',
  n_very_high: 'Very High.',
  alpha: 'Krippendorff’s alpha, ordinal, over the images of the cell.',
  paper: 'The label that the paper prints; empty where it has none.',
  ...(words.others && {
    scale: 'The labels of the question, lowest first, with | between them.',
    'n_1, n_2, …': 'Of the ratings, how many had this score; empty beyond the scale.',
  }),
});

const curveColumns: Readonly<Record<string, string>> = {
  method: 'Id of the method.',
  level: 'Share of the pixels that was removed.',
  mean: 'Mean softmax score of the ground-truth class.',
  low: 'Lower end of its 95% interval over images; empty where there is one image.',
  high: 'Upper end, likewise.',
  n: 'Images.',
  tied: 'Mean share of the removed pixels that ties decided.',
};

/** What lies in the archive, each column explained, for people who have nothing but the archive. */
export function archiveReadme(
  manifest: Omit<Manifest, 'files'>,
  questions: readonly AskedQuestion[],
  lists: readonly RecordFile<z.ZodObject>[],
  /** Whether the archive has curves of runs. */
  withCurves: boolean,
): string {
  const { study, datasets, withdrawn, software } = manifest;
  const words = wordsOf(questions);
  const title = study.version === 1 ? study.name : `${study.name}, version ${study.version}`;
  const parts = [
    `# ${markdownText(title)}`,
    `A study of how people rate saliency maps, archived by Saliency Studio ${software.version}. Saliency Studio imports this file (Studies, Import; or \`studies import FILE\` on the command line) and shows the same results. Everything in it can also be read without it: text is UTF-8, lists are CSV (RFC 4180, LF), arrays are NumPy’s .npy.`,
    'In the lists a text that begins with =, +, -, @, a tab or a carriage return, or with apostrophes before one of these, has one apostrophe more before it, so that no spreadsheet runs it as a formula: take one away to have the text. Numbers stand as they are. Importing takes it away.',
    '## Files',
    list([
      '`manifest.json`: versions, the study, its datasets with their classes, the composition of every method (of maps made elsewhere their hash, file and citation), the models and runs by their hashes and settings, and the size and sha256 of every other file.',
      '`config.json`: the configuration that raters saw, `null` for ratings from elsewhere: questions, display, map parameters, design and seeds.',
      '`ratings.csv`: the labels that count, one a row, in the format that `ratings import` takes.',
      ...lists.map(
        ({ path, what }) => `\`${path}\`: ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
      ),
      `\`tables/\`: ${markdownText(tablesName(questions))} with agreement and correlations, as CSV, LaTeX, Markdown, HTML, JSON, PNG and SVG, of all ratings without a filter.`,
      ...(datasets.length > 0
        ? [
            '`datasets/<dataset>/images.npy`: the images, uint8 [N, H, W, C], practice images last.',
            '`datasets/<dataset>/maps/<method>.npy`: raw attributions, float32 [N, H, W, C], signed, before any reduction, of the images that were rated, in their order. What raters saw is their reduction and display as config.json names them.',
          ]
        : []),
      ...(withCurves
        ? [
            '`roar/<dataset>/curves.csv` and `figure.svg`: mean scores with intervals at each level of the ROAR run that stands beside the ratings.',
          ]
        : []),
    ]),
    'Weights of models are not in the archive: models are named by the sha256 of their weights.',
    ...(withdrawn > 0
      ? [`${counted(withdrawn, 'rater')} took consent back: nothing of theirs is in the archive.`]
      : []),
    '## Columns',
    '### ratings.csv',
    columns(ratingColumns(words)),
    '### tables/tables.csv',
    columns(tableColumns(words)),
    ...(withCurves ? ['### roar/<dataset>/curves.csv', columns(curveColumns)] : []),
    ...lists.flatMap((file) => [
      `### ${file.path}`,
      columns(
        Object.fromEntries(
          Object.entries<string>({ ...file.columns, ...ownWords(file, words) }).map(
            ([key, what]) => [columnName(key), what],
          ),
        ),
      ),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What the columns of labels hold in this study. */
const ownWords = ({ path }: Pick<RecordFile<z.ZodObject>, 'path'>, { question, score }: Words) =>
  path === eventsFile.path ? { question, score } : {};

/** The lists that every archive has. */
export const commonLists: readonly RecordFile<z.ZodObject>[] = [
  eventsFile,
  ratersFile,
  trialsFile,
  sessionsFile,
  logFile,
];

const list = (lines: readonly string[]) => lines.map((text) => `- ${text}`).join('\n');

const columns = (docs: Readonly<Record<string, string>>) =>
  list(Object.entries(docs).map(([name, what]) => `\`${name}\`: ${what}`));
