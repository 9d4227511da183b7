import { formatBytes } from '../../../../shared/format/bytes';
import { formatCount } from '../../../../shared/format/counts';
import { markedName } from '../../../../shared/catalogue/methods';
import { sayingOfPaper } from '../../../../shared/paper-section';
import { modelInputWords } from '../../../../shared/model-input';
import { html, type Markup, type Piece } from '../../export/text/markup';
import { htmlTable } from '../../export/text/html-table';
import { methodKeys } from '../../export/text/method-keys';
import { section } from '../../export/text/page';
import { columns } from '../../export/text/table';
import { repeatCommand } from './command';
import { methodsOf, type RoarReport } from './report';

export function settingSection({ result }: RoarReport): Markup {
  const methods = methodsOf({ result });
  const key = methodKeys(methods.map(({ id }) => id));
  return section(
    'settings',
    'Settings',
    htmlTable({
      caption: 'Every setting of the run, by its name.',
      columns: columns('Setting', 'Value'),
      rows: flatten(result.run.settings).map(([name, value]) => [
        html`<code>${name}</code>`,
        value,
      ]),
    }),
    html`<h3>Methods</h3>`,
    htmlTable({
      caption: 'How each map is composed.',
      columns: columns('Method', 'Composition', 'Equations'),
      rows: methods.map(({ id, name, composition, equations, imported }) => [
        html`${key(id)}${markedName({ id, name })}`,
        imported ? `maps made elsewhere (${imported.file})` : html`<code>${composition}</code>`,
        equations || '–',
      ]),
    }),
    ...methods.flatMap(({ name, composition, imported }) =>
      imported
        ? html`<p class="note">
            ${name}: its maps were made elsewhere, <code>${composition}</code>.
            ${imported.citation === '' ? '' : `${imported.citation.replace(/\.$/, '')}.`} The images
            of this run are some that it has maps of; the manifest lists them.
          </p>`
        : [],
    ),
  );
}

function flatten(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]): [string, string][] => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (Array.isArray(item)) return [[name, item.join(', ')]];
    if (typeof item === 'object' && item !== null) return flatten(item, name);
    return [[name, item === null ? 'all' : String(item)]];
  });
}

export function choiceSection({ paper }: RoarReport): Markup {
  const setting = (name: string | null): Piece =>
    name === null ? '' : html` <code>${name}</code>`;
  return section(
    'choices',
    'What the paper leaves open',
    htmlTable({
      caption:
        'Our reading of each open point by default, and what else it could mean. The settings above say where this run departs from it.',
      columns: columns('Question', 'The paper', 'Our reading', 'Other readings'),
      rows: paper.choices.map((choice) => [
        choice.question,
        choice.says === null || choice.section === null
          ? 'Says nothing.'
          : sayingOfPaper(choice.section, choice.says),
        html`${choice.choice}${setting(choice.setting)}`,
        choice.readings.length === 0
          ? '–'
          : html`<ul>
              ${choice.readings.map((reading) => html`<li>${reading.text}${setting(reading.setting)}</li>`)}
            </ul>`,
      ]),
    }),
  );
}

export function manifestSection(report: RoarReport): Markup {
  const { result, dataset, artifacts, version } = report;
  const { engine, run } = result;
  const base = result.levels.find(({ level }) => level === 0);
  const input: [string, Piece][] = base?.input
    ? [['input of its models', modelInputWords(base.input)]]
    : [];
  const { settings } = run;
  const command = repeatCommand(settings, report.full, methodsOf(report));
  const bytes = artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0);
  const facts: [string, Piece][] = [
    ['Saliency Studio', version],
    ...Object.entries(engine.versions).sort(([a], [b]) => (a < b ? -1 : 1)),
    [
      'device',
      [engine.device, engine.deviceName].filter((part) => part !== null).join(', ') || '–',
    ],
    ['threads', engine.threads ?? '–'],
    ['oneDNN', engine.oneDnn === null ? '–' : engine.oneDnn ? 'on' : 'off'],
    ...Object.entries(engine.plan).map(([name, size]): [string, Piece] => [`batch, ${name}`, size]),
    ...Object.entries(engine.arithmetic).map(([name, number]): [string, Piece] => [
      `arithmetic, ${name}`,
      number,
    ]),
    ...input,
    ['seeds', `run ${settings.seed}, training ${settings.recipe.seed}`],
    ['stored files', `${artifacts.length}, ${formatBytes(bytes)}`],
    ...dataset.files.map(({ name, sha256, published }): [string, Piece] => [
      name,
      html`<code>${sha256}</code>${published === true ? ' (as published)' : ''}`,
    ]),
  ];
  return section(
    'repeat',
    'To repeat this run',
    html`<pre tabindex="0"><code>${command.line}</code></pre>`,
    htmlTable({
      caption:
        'What it ran on. The manifest beside this report holds all of it, with the sha256 of every file.',
      columns: columns('Part', 'Value'),
      rows: facts,
    }),
    html`<p class="note">
      ${dataset.name}: ${formatCount(dataset.train)} training and ${formatCount(dataset.validation)}
      validation images.
      ${[dataset.citation, dataset.licence].filter((text) => text !== '').map((text) => `${text}. `)}
    </p>`,
  );
}
