import { type Claim } from '../../../shared/records';
import { repeatCommand } from './command';
import { html, type Markup } from './markup';
import { fixed, whole } from './numbers';
import { type RoarReport } from './report';

const verdictNames: Readonly<Record<Claim['verdict'], string>> = {
  held: 'Held',
  'not-held': 'Not held',
  undecided: 'Undecided',
};

export function claimSection({ result, paper }: RoarReport): Markup {
  const order: Readonly<Record<Claim['verdict'], number>> = {
    held: 0,
    'not-held': 0,
    undecided: 1,
  };
  const claims = [...result.claims].sort((a, b) => order[a.verdict] - order[b.verdict]);
  return html`<section aria-labelledby="claims">
    <h2 id="claims">The paper’s claims</h2>
    <div class="scroll">
      <table>
        <caption>
          What this run says of each claim, and how it was judged.
        </caption>
        <thead>
          <tr>
            <th scope="col">Claim</th>
            <th scope="col">Section</th>
            <th scope="col">Verdict</th>
            <th scope="col">Figures</th>
          </tr>
        </thead>
        <tbody>
          ${claims.map((claim) => {
            const criterion = paper.claims.find(({ id }) => id === claim.id)?.criterion ?? '';
            return html`<tr>
              <th scope="row"><blockquote>“${claim.quote}”</blockquote></th>
              <td>${claim.section}</td>
              <td class="verdict ${claim.verdict}">${verdictNames[claim.verdict]}</td>
              <td>
                ${claim.evidence}
                <br /><span class="range">${criterion}</span>
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

export function settingSection({ result, scores }: RoarReport): Markup {
  const rows = flatten(result.run.settings);
  return html`<section aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    <div class="scroll">
      <table>
        <caption>
          Every setting of the run, by its name.
        </caption>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, value]) =>
              html`<tr>
                <th scope="row"><code>${name}</code></th>
                <td>${value}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <h3>Methods</h3>
    <div class="scroll">
      <table>
        <caption>
          How each map is composed.
        </caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Composition</th>
            <th scope="col">Equations</th>
          </tr>
        </thead>
        <tbody>
          ${scores.methods.map(
            (method) =>
              html`<tr>
                <th scope="row">${method.name}</th>
                <td><code>${method.composition}</code></td>
                <td>${method.equations === '' ? '–' : method.equations}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
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
  return html`<section aria-labelledby="choices">
    <h2 id="choices">What the paper leaves open</h2>
    <div class="scroll">
      <table>
        <caption>
          Our reading of each open point by default, and what else it could mean. The settings above
          say where this run departs from it.
        </caption>
        <thead>
          <tr>
            <th scope="col">Question</th>
            <th scope="col">The paper</th>
            <th scope="col">Our reading</th>
            <th scope="col">Other readings</th>
          </tr>
        </thead>
        <tbody>
          ${paper.choices.map(
            (choice) =>
              html`<tr>
                <th scope="row">${choice.question}</th>
                <td>
                  ${
                    choice.quote === null
                      ? 'Says nothing.'
                      : html`“${choice.quote}” <span class="range">(${choice.section ?? ''})</span>`
                  }
                </td>
                <td>${choice.choice} ${setting(choice.setting)}</td>
                <td>
                  ${
                    choice.readings.length === 0
                      ? '–'
                      : html`<ul>
                          ${choice.readings.map(
                            (reading) => html`<li>${reading.text} ${setting(reading.setting)}</li>`,
                          )}
                        </ul>`
                  }
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const setting = (name: string | null): Markup =>
  name === null ? html`` : html`<code>${name}</code>`;

export function manifestSection({
  result,
  dataset,
  artifacts,
  version,
  scores,
}: RoarReport): Markup {
  const { engine, run } = result;
  const command = repeatCommand(run.settings, scores.methods);
  const bytes = artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0);
  const facts: [string, string][] = [
    ['Saliency Studio', version],
    ...Object.entries(engine.versions).sort(([a], [b]) => (a < b ? -1 : 1)),
    ['device', [engine.device, engine.deviceName].filter((part) => part !== null).join(', ')],
    ['threads', String(engine.threads ?? '–')],
    ['oneDNN', engine.oneDnn === null ? '–' : engine.oneDnn ? 'on' : 'off'],
    ...Object.entries(engine.plan).map(([name, size]): [string, string] => [
      `batch of ${name}`,
      String(size),
    ]),
    ['seeds', `run ${run.settings.seed}, training ${run.settings.recipe.seed}`],
    ['stored files', `${artifacts.length}, ${fixed(bytes / 1e6, 1)} MB`],
  ];
  return html`<section aria-labelledby="repeat">
    <h2 id="repeat">To repeat this run</h2>
    <pre tabindex="0"><code>${command.line}</code></pre>
    ${
      command.beyond.length === 0
        ? html``
        : html`<p class="note">
            No option sets ${command.beyond.join(', ')}: start it in the app.
          </p>`
    }
    <div class="scroll">
      <table>
        <caption>
          What it ran on. The manifest beside this report holds all of it, with the sha256 of every
          file.
        </caption>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          ${facts.map(
            ([name, value]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )}
          ${dataset.files.map(
            ({ name, sha256, published }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td><code>${sha256}</code>${published === true ? ' (as published)' : ''}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">
      ${dataset.name}: ${whole(dataset.train)} training and ${whole(dataset.validation)} validation
      images. ${dataset.citation}. ${dataset.licence}.
    </p>
  </section>`;
}
